/**
 * What arguments of Erlang's machine do to a cluster of RabbitMQ by itself: one cluster for each --erlang, all of them
 * there at once, used in turns, since a machine's speed changes by the minute. Nothing of an instance is needed.
 *   node bench/rabbitmq.ts --erlang '+S 1:1' --erlang '' [--rounds 6] [--seconds 4] [--window 4000]
 * The arguments come behind the product's own. Two publishers and two consumers, at the nodes of the two regions;
 * consumers acknowledge what they have eight times a second. Prints what a message takes of the processors in the three
 * nodes together, and how many are confirmed a second.
 */
import { parseArgs } from 'node:util';
import { type Channel, connect, type Message } from 'amqplib';
import { every, sleep } from '../src/lib/clock.ts';
import { Histogram } from '../src/lib/histogram.ts';
import { RABBITMQ_USER, USER_EVENTS } from '../src/lib/rabbitmq.ts';
import { DATA_REGIONS } from '../src/lib/topology.ts';
import { wholeNumber } from '../src/supervisor/config.ts';
import { type Node, publishEvents, type Sent } from './event-publisher.ts';
import { interruptible } from './interruptible.ts';
import { UsageMeter } from './process-cpu.ts';
import { RabbitmqCluster } from './rabbitmq-cluster.ts';
import { fixed, megabytes, table } from './table.ts';

const PREFETCH = 2_000;
const ACKNOWLEDGE_MS = 125;
const PAUSE_MS = 700;
const FIRST_OFFSET = 1_000;
const OFFSET_STEP = 1_000;

type Burst = { readonly perSecond: number; readonly microseconds: number; readonly residentBytes: number };
type Contender = { readonly erlang: string; readonly cluster: RabbitmqCluster; readonly bursts: Burst[] };

export async function run(args: string[]): Promise<number> {
  const { values } = parseArgs({
    args,
    options: {
      erlang: { type: 'string', multiple: true },
      rounds: { type: 'string' },
      seconds: { type: 'string' },
      window: { type: 'string' },
    },
  });
  const rounds = wholeNumber('--rounds', values.rounds, 6, 1, 1_000);
  const seconds = wholeNumber('--seconds', values.seconds, 4, 1, 600);
  const window = wholeNumber('--window', values.window, 4_000, 2, 100_000);
  return interruptible((signal) => compare(values.erlang ?? [''], rounds, seconds, window, signal));
}

async function compare(
  settings: readonly string[],
  rounds: number,
  seconds: number,
  window: number,
  signal: AbortSignal,
): Promise<number> {
  const contenders = settings.map((erlang, no): Contender => {
    return { erlang, cluster: new RabbitmqCluster(FIRST_OFFSET + no * OFFSET_STEP), bursts: [] };
  });
  try {
    for (const { cluster, erlang } of contenders) await cluster.start(erlang, signal);
    for (let round = 0; round < rounds; round++) {
      // There and back, so that none is always the first.
      for (const { cluster, bursts } of round % 2 === 0 ? contenders : [...contenders].reverse()) {
        bursts.push(await burst(cluster, seconds, window));
        await sleep(PAUSE_MS, signal);
      }
    }
  } finally {
    await Promise.all(contenders.map(({ cluster }) => cluster.stop()));
  }
  process.stdout.write(`${report(contenders)}\n`);
  return 0;
}

async function burst(
  { ports, password, pids }: RabbitmqCluster,
  seconds: number,
  window: number,
): Promise<Burst> {
  const nodes = DATA_REGIONS.map(
    (region): Node => ({
      hostname: ports.host,
      port: ports[region].rabbitmq,
      password,
    }),
  );
  const stopConsumers = await Promise.all(nodes.map(consume));
  const sent: Sent = { confirmed: [], failed: 0, latency: new Histogram() };
  const meter = new UsageMeter(pids.map((pid) => ({ name: String(pid), pid })));
  meter.begin();
  const until = AbortSignal.timeout(seconds * 1_000);
  const half = Math.floor(window / nodes.length);
  await Promise.all(nodes.map((node) => publishEvents(node, sent, until, half)));
  meter.end();
  for (const stop of stopConsumers) await stop();
  const messages = sent.confirmed.length;
  const total = (of: (usage: (typeof meter.usage)[number]) => number): number =>
    meter.usage.reduce((sum, usage) => sum + of(usage), 0);
  return {
    perSecond: messages / seconds,
    microseconds: (total(({ cpuSeconds }) => cpuSeconds) * 1e6) / messages,
    residentBytes: total(({ residentBytes }) => residentBytes) / pids.length,
  };
}

/** Takes messages until it is told to stop. */
async function consume(node: Node): Promise<() => Promise<void>> {
  const connection = await connect({ ...node, username: RABBITMQ_USER }, { noDelay: true });
  const channel: Channel = await connection.createChannel();
  let last: Message | null = null;
  const acknowledge = (): void => {
    if (last !== null) channel.ack(last, true);
    last = null;
  };
  await channel.prefetch(PREFETCH);
  await channel.consume(USER_EVENTS, (message) => {
    last = message;
  });
  const over = new AbortController();
  every(ACKNOWLEDGE_MS, over.signal, acknowledge);
  return async () => {
    over.abort();
    acknowledge();
    await connection.close();
  };
}

function report(contenders: readonly Contender[]): string {
  const head = ['arguments', 'us a message', 'lowest', 'highest', 'confirmed/s', 'MB a node'];
  return table(
    head,
    contenders.map(({ erlang, bursts }) => {
      const costs = bursts.map(({ microseconds }) => microseconds);
      return [
        erlang === '' ? "the product's" : erlang,
        fixed(mean(costs), 1),
        fixed(Math.min(...costs), 1),
        fixed(Math.max(...costs), 1),
        fixed(mean(bursts.map(({ perSecond }) => perSecond)), 0),
        megabytes(mean(bursts.map(({ residentBytes }) => residentBytes))),
      ];
    }),
  );
}

const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;
