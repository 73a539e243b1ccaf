/** One run of a case: load, fault, the first write that is acknowledged again, ledger, and the node's return. */
import { monotonicMs, sleep } from '../../src/lib/clock.ts';
import type { LedgerCounts } from '../../src/lib/control-schemas.ts';
import { eventually } from '../../src/lib/eventually.ts';
import type { Random } from '../../src/lib/random.ts';
import type { PatroniCluster } from './cluster.ts';
import { compare, createTable, storedWrites } from './ledger.ts';
import { clientFor, endQuietly } from './session.ts';
import { type NodeName, TUNINGS, type TuningName } from './settings.ts';
import { type Ack, firstAckAfter, Writer } from './writer.ts';

export const CASES = ['node', 'postgres', 'switchover'] as const;
export type CaseName = (typeof CASES)[number];

export type Run = {
  readonly case: CaseName;
  readonly tuning: TuningName;
  /** From the fault to the first acknowledged write that fell due after it. */
  readonly outageMs: number;
  /** From the last acknowledgement before it to that one: what a client sees when the fault announces itself. */
  readonly pauseMs: number;
  readonly leaderBefore: NodeName;
  readonly leaderAfter: NodeName;
  readonly ledger: LedgerCounts;
};

const WRITES_PER_S = 200;
const LOADED_LIMIT_MS = 15_000;
const BEFORE_MS = 2_000;
const AFTER_MS = 1_000;
/** Beyond ttl and two cycles: what a busy machine may need to promote. */
const TAKEOVER_SLACK_MS = 60_000;

/** Throws, with what was waited for, when a step does not come to pass. */
export async function runCase(
  cluster: PatroniCluster,
  name: CaseName,
  tuning: TuningName,
  number: number,
  random: Random,
  signal: AbortSignal,
): Promise<Run> {
  const { leader, standby } = await cluster.whole(signal);
  await onServer(cluster, leader, createTable);
  const writer = new Writer(cluster.login, number, WRITES_PER_S);
  writer.start();
  try {
    await eventually('writes are acknowledged', LOADED_LIMIT_MS, () => writer.acknowledged[0], { signal });
    // The fault meets Patroni's cycle anywhere.
    await sleep(BEFORE_MS + random.float() * TUNINGS[tuning].loop_wait * 1_000, signal);
    const { faultMs, done } = breakIt(cluster, name, leader, standby, takeoverLimitMs(tuning), signal);
    const by = name === 'postgres' ? null : standby;
    const awaited = `a write is acknowledged after the fault (${name}, ${tuning})`;
    const acknowledgedAfter = (): Ack | undefined =>
      firstAckAfter(writer.acknowledged, faultMs, by) ?? undefined;
    const answered = eventually(awaited, takeoverLimitMs(tuning), acknowledgedAfter, { signal });
    const [first] = await Promise.all([answered, done]);
    await sleep(AFTER_MS, signal);
    await writer.stop();
    const acknowledged = new Set(writer.acknowledged.map(({ seq }) => seq));
    const stored = await onServer(cluster, first.node, (client) => storedWrites(client, number));
    if (name === 'node') cluster.startNode(leader);
    const before = writer.acknowledged.findLast(({ foundMs }) => foundMs < faultMs);
    return {
      case: name,
      tuning,
      outageMs: first.ackedMs - faultMs,
      pauseMs: first.ackedMs - (before?.ackedMs ?? faultMs),
      leaderBefore: leader,
      leaderAfter: first.node,
      ledger: compare(acknowledged, stored),
    };
  } finally {
    await writer.stop();
  }
}

function takeoverLimitMs(tuning: TuningName): number {
  const { ttl, loop_wait } = TUNINGS[tuning];
  return (ttl + 2 * loop_wait) * 1_000 + TAKEOVER_SLACK_MS;
}

/** `done` resolves when what was asked for has been carried out. */
function breakIt(
  cluster: PatroniCluster,
  name: CaseName,
  leader: NodeName,
  standby: NodeName,
  limitMs: number,
  signal: AbortSignal,
): { faultMs: number; done: Promise<void> } {
  switch (name) {
    case 'node':
      return { faultMs: cluster.killNode(leader), done: Promise.resolve() };
    case 'postgres':
      return { faultMs: cluster.killPostgres(leader), done: Promise.resolve() };
    case 'switchover': {
      const faultMs = monotonicMs();
      return { faultMs, done: cluster.switchover(leader, standby, limitMs, signal) };
    }
    default:
      return name satisfies never;
  }
}

async function onServer<T>(
  cluster: PatroniCluster,
  node: NodeName,
  work: (client: ReturnType<typeof clientFor>) => Promise<T>,
): Promise<T> {
  const client = clientFor(cluster.login, node);
  try {
    await client.connect();
    return await work(client);
  } finally {
    await endQuietly(client);
  }
}
