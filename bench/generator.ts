/** A load generator process, started by the bench through fork(): connects, sends when told, reports once. */
import { Value } from 'typebox/value';
import { every, monotonicMs, pause } from '../src/lib/clock.ts';
import { FLEET_SIZE } from '../src/lib/fleet.ts';
import { AckLedger } from '../src/simulators/ack-ledger.ts';
import {
  type FromGenerator,
  type GeneratorResult,
  type GeneratorSpec,
  ToGenerator,
} from './generator-messages.ts';
import { Measurement } from './measurement.ts';
import { Publisher } from './publisher.ts';
import { devicesOfConnection, PacketSet } from './template.ts';

const TICK_MS = 2;
/** After the last message, acknowledgements are awaited this long. */
const DRAIN_DEADLINE_MS = 15_000;

type Running = {
  readonly publishers: readonly Publisher[];
  readonly measurement: Measurement;
  readonly ledger: AckLedger | undefined;
};

const stopping = new AbortController();
let running: Running | undefined;
let cpuAtBegin = process.cpuUsage();

function tell(message: FromGenerator): void {
  process.send?.(message);
}

function fail(error: unknown): void {
  tell({ kind: 'failed', message: error instanceof Error ? error.message : String(error) });
  process.disconnect();
  process.exit(1);
}

async function prepare(spec: GeneratorSpec): Promise<void> {
  const measurement = new Measurement();
  const ledger = spec.ledgerFile === '' ? undefined : await AckLedger.open(spec.ledgerFile);
  const publishers: Publisher[] = [];
  for (let step = 0; step < spec.connections; step++) {
    const index = spec.firstConnection + step;
    const target = spec.targets[index % spec.targets.length];
    if (target === undefined) throw new Error('no target');
    const options = {
      ...target,
      clientId: `bench-${spec.runId}-${index}`,
      devices: devicesOfConnection(FLEET_SIZE, index, spec.allConnections),
      window: spec.window,
      rate: spec.rate / spec.connections,
    };
    publishers.push(new Publisher(options, measurement, ledger, fail));
  }
  for (const publisher of publishers) await publisher.connect();
  running = { publishers, measurement, ledger };
  const sample = new PacketSet(devicesOfConnection(FLEET_SIZE, 0, 100));
  tell({ kind: 'ready', messageBytes: sample.bytes.length / sample.devices.length });
}

function go({ publishers }: Running): void {
  for (const publisher of publishers) publisher.start();
  every(TICK_MS, stopping.signal, () => {
    for (const publisher of publishers) publisher.tick();
  });
  tell({ kind: 'started' });
}

function measure({ measurement }: Running): void {
  cpuAtBegin = process.cpuUsage();
  measurement.begin();
  tell({ kind: 'measuring' });
}

async function stop({ publishers, measurement, ledger }: Running): Promise<void> {
  measurement.end();
  const cpu = process.cpuUsage(cpuAtBegin);
  for (const publisher of publishers) publisher.stop();
  const giveUpMs = monotonicMs() + DRAIN_DEADLINE_MS;
  while (publishers.some((publisher) => publisher.inFlight > 0) && monotonicMs() < giveUpMs) {
    if (!(await pause(10, stopping.signal))) break;
  }
  for (const publisher of publishers) publisher.close();
  await ledger?.close();
  const sum = (of: (publisher: Publisher) => number): number =>
    publishers.reduce((total, publisher) => total + of(publisher), 0);
  const result: GeneratorResult = {
    sent: sum((publisher) => publisher.sent),
    acknowledged: sum((publisher) => publisher.acknowledged),
    measured: measurement.histogram.count,
    seconds: measurement.seconds,
    cpuSeconds: (cpu.user + cpu.system) / 1e6,
    buckets: [...measurement.histogram.counts],
    maxUs: measurement.histogram.maxUs,
    perSecond: Array.from(measurement.perSecond, (count) => count ?? 0),
  };
  tell({ kind: 'done', result });
  stopping.abort(new Error('done'));
  process.disconnect();
}

async function obey(message: ToGenerator): Promise<void> {
  if (message.kind === 'prepare') return prepare(message.spec);
  if (running === undefined) throw new Error(`${message.kind} before prepare`);
  if (message.kind === 'go') return go(running);
  if (message.kind === 'measure') return measure(running);
  return stop(running);
}

process.on('message', (message) => {
  obey(Value.Parse(ToGenerator, message)).catch(fail);
});
process.on('uncaughtException', fail);
process.on('disconnect', () => process.exit(0));
