/**
 * What the simulated users get from the running instance: their requests, those that failed, and how long they took.
 *   node bench/users.ts [--port-offset N] [--minutes 10]
 * It sends nothing itself: it reads the simulator's own account (GET /health and /metrics of its port) at the beginning,
 * every 20 s and at the end. A request counts when it ended in the period, however it did; a login that was refused
 * with 503 and sent again is one request. p50 and p99 are taken from a histogram whose buckets are 9 % wide. The
 * maximum is exact, of the whole minutes from the beginning on, and may include what ended up to 5 s earlier when the
 * period is 1 minute.
 */
import { Type } from 'typebox';
import { Value } from 'typebox/value';
import { monotonicMs, sleep } from '../src/lib/clock.ts';
import { httpCall } from '../src/lib/http-call.ts';
import { Nullable } from '../src/lib/schema.ts';
import { topology } from '../src/lib/topology.ts';
import { LATENCY_METRIC } from '../src/simulators/users/metrics.ts';
import { wholeNumber } from '../src/supervisor/config.ts';
import { benchOptions } from './instance.ts';
import { bucketsOf, quantile, since } from './prometheus-histogram.ts';
import { count, fixed, table } from './table.ts';

const LOOK_EVERY_MS = 20_000;
/** Of GET /health: src/simulators/users/metrics.ts. Without a request in the last minute there is no maximum. */
const Health = Type.Object({
  users: Type.Record(Type.String(), Type.Integer()),
  requests: Type.Integer(),
  failures: Type.Integer(),
  last_failures: Type.Array(Type.String()),
  latency_ms: Type.Object({ max: Nullable(Type.Number()) }),
});

/** The simulator's maximum is of the last minute and up to 5 s more: an earlier look would see what was before. */
const WINDOW_MS = 65_000;
const REQUEST_DEADLINE_MS = 5_000;

export async function run(args: string[]): Promise<number> {
  const { portOffset, given } = benchOptions(args, ['minutes']);
  const minutes = wholeNumber('--minutes', given.minutes, 10, 1, 10_000);
  const startMs = monotonicMs();
  const before = await look(portOffset);
  let maxMs = 0;
  for (let leftMs = minutes * 60_000; leftMs > 0; ) {
    await sleep(Math.min(LOOK_EVERY_MS, leftMs));
    leftMs = startMs + minutes * 60_000 - monotonicMs();
    if (leftMs > 0 && monotonicMs() - startMs < WINDOW_MS) continue;
    maxMs = Math.max(maxMs, (await look(portOffset)).maxMs);
  }
  const after = await look(portOffset);
  const requests = after.requests - before.requests;
  if (requests < 0) throw new Error('the simulated users were started again in between');
  const took = since(before.buckets, after.buckets);
  const row = [
    count(after.users),
    count(requests),
    fixed((requests * 1000) / (monotonicMs() - startMs), 1),
    count(after.failures - before.failures),
    fixed(quantile(took, 0.5) * 1000, 1),
    fixed(quantile(took, 0.99) * 1000, 1),
    fixed(maxMs, 1),
  ];
  const head = ['users', 'requests', 'per s', 'failed', 'p50 ms', 'p99 ms', 'max ms'];
  process.stdout.write(`${table(head, [row])}\n`);
  for (const failure of after.failures > before.failures ? after.lastFailures : []) {
    process.stdout.write(`failed: ${failure}\n`);
  }
  return 0;
}

async function look(portOffset: number) {
  const { host, simulator } = topology(portOffset);
  const ask = async (path: string): Promise<string> => {
    const { status, body } = await httpCall({
      host,
      port: simulator.users,
      path,
      limitMs: REQUEST_DEADLINE_MS,
    });
    if (status !== 200) throw new Error(`the simulated users answer ${status} to ${path}`);
    return body;
  };
  const health = Value.Parse(Health, JSON.parse(await ask('/health')));
  return {
    users: Object.values(health.users).reduce((sum, users) => sum + users, 0),
    requests: health.requests,
    failures: health.failures,
    lastFailures: health.last_failures,
    maxMs: health.latency_ms.max ?? 0,
    buckets: bucketsOf(await ask('/metrics'), LATENCY_METRIC),
  };
}
