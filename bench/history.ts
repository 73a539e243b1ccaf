/**
 * History with a full table: loads readings over the last day of a running instance and measures a device's
 * last 24 h through the API.
 *   node bench/history.ts [--data-dir DIR] [--port-offset N] [--rows 100000000] [--hours 25] [--no-load]
 *                         [--devices 200] [--points 500] [--partition-minutes 60] [--drop-cache] [--json FILE]
 * "first" asks each device for the first time; with --drop-cache (as root) the machine's page cache is dropped
 * before, PostgreSQL's own buffers are not. "again" asks the same devices once more.
 */
import { writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import pg from 'pg';
import { Type } from 'typebox';
import { Value } from 'typebox/value';
import { History } from '../src/api/schemas.ts';
import { monotonicMs, wallMs } from '../src/lib/clock.ts';
import { FLEET_SIZE, fleetDevice } from '../src/lib/fleet.ts';
import { Histogram } from '../src/lib/histogram.ts';
import { Random } from '../src/lib/random.ts';
import { MAX_PORT_OFFSET, topology } from '../src/lib/topology.ts';
import { wholeNumber } from '../src/supervisor/config.ts';
import { type FillPlan, fill, planFill, prepareVariants } from './history-load.ts';
import { leaderDatabase } from './instance.ts';
import { count, fixed, table } from './table.ts';

const HOUR_MS = 3_600_000;
const REQUEST_DEADLINE_MS = 60_000;
/** Fixed, so that every run asks the same devices. */
const DEVICE_SEED = 20_261_116;

type Pass = {
  readonly name: string;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
  readonly queryP50Ms: number;
  readonly queryP99Ms: number;
  readonly readingsPerDevice: number;
};

export async function run(args: string[]): Promise<number> {
  const { values } = parseArgs({
    args,
    options: {
      'data-dir': { type: 'string', default: process.env.TIER0_DATA_DIR ?? '.tier0' },
      'port-offset': { type: 'string' },
      rows: { type: 'string' },
      hours: { type: 'string' },
      'no-load': { type: 'boolean', default: false },
      devices: { type: 'string' },
      points: { type: 'string' },
      'partition-minutes': { type: 'string' },
      'drop-cache': { type: 'boolean', default: false },
      json: { type: 'string' },
    },
  });
  const portOffset = wholeNumber('--port-offset', values['port-offset'], 0, 0, MAX_PORT_OFFSET);
  const toMs = wallMs();
  const plan: FillPlan = {
    rows: wholeNumber('--rows', values.rows, 100_000_000, FLEET_SIZE, 10_000_000_000),
    fromMs: toMs - wholeNumber('--hours', values.hours, 25, 1, 10_000) * HOUR_MS,
    toMs,
    partitionMinutes: wholeNumber('--partition-minutes', values['partition-minutes'], 60, 5, 1_440),
  };
  const devices = wholeNumber('--devices', values.devices, 200, 1, FLEET_SIZE);
  const points = wholeNumber('--points', values.points, 500, 2, 2_000);
  const database = await leaderDatabase(resolve(values['data-dir']), portOffset);
  if (!values['no-load']) await load(database, plan);
  const rows = await storedRows(database);
  const { host, edge } = topology(portOffset);
  const base = `http://${host}:${edge.api}`;
  const asked = new Random(DEVICE_SEED).permutation(FLEET_SIZE).subarray(0, devices);
  // Only root may ask for it (proc(5), drop_caches); it slows everything else on the machine for a while.
  const dropped = values['drop-cache'];
  if (dropped) await writeFile('/proc/sys/vm/drop_caches', '1');
  const passes = [
    await measure(dropped ? 'first (page cache dropped)' : 'first', base, asked, points),
    await measure('again', base, asked, points),
  ];
  print(`\nHistory over 24 h of ${count(devices)} random devices, ${count(rows)} readings stored`);
  print(report(passes));
  if (values.json !== undefined) {
    await writeFile(values.json, `${JSON.stringify({ rows, devices, points, passes }, null, 2)}\n`);
  }
  return 0;
}

async function load(database: string, plan: FillPlan): Promise<void> {
  const client = new pg.Client({ connectionString: database, application_name: 'tier0-bench' });
  await client.connect();
  try {
    await prepareVariants(client);
    const steps = planFill(plan);
    const startMs = monotonicMs();
    let loaded = 0;
    for (const [index, step] of steps.entries()) {
      loaded += await fill(client, plan, step);
      const seconds = (monotonicMs() - startMs) / 1000;
      print(
        `partition ${index + 1} of ${steps.length}: ${count(loaded)} rows, ${count(loaded / seconds)} rows/s`,
      );
    }
    await client.query('ANALYZE reading');
  } finally {
    await client.end();
  }
}

async function storedRows(database: string): Promise<number> {
  const client = new pg.Client({ connectionString: database, application_name: 'tier0-bench' });
  await client.connect();
  try {
    const { rows } = await client.query('SELECT count(*)::float8 AS rows FROM reading');
    return Value.Parse(Type.Object({ rows: Type.Number() }), rows[0]).rows;
  } finally {
    await client.end();
  }
}

async function measure(name: string, base: string, devices: Uint32Array, points: number): Promise<Pass> {
  const whole = new Histogram();
  const query = new Histogram();
  let readings = 0;
  for (const index of devices) {
    const { deviceId } = fleetDevice(index + 1);
    const startMs = monotonicMs();
    const response = await fetch(`${base}/api/devices/${deviceId}/history?points=${points}`, {
      signal: AbortSignal.timeout(REQUEST_DEADLINE_MS),
    });
    const body: unknown = await response.json();
    whole.record(monotonicMs() - startMs);
    if (!response.ok) throw new Error(`${deviceId}: ${response.status} ${JSON.stringify(body)}`);
    const history = Value.Parse(History, body);
    query.record(history.query_ms);
    readings += history.readings;
  }
  return {
    name,
    ...whole.quantiles(),
    queryP50Ms: query.quantileMs(0.5),
    queryP99Ms: query.quantileMs(0.99),
    readingsPerDevice: readings / devices.length,
  };
}

function report(passes: readonly Pass[]): string {
  return table(
    ['', 'p50 ms', 'p99 ms', 'max ms', 'query p50 ms', 'query p99 ms', 'readings per device'],
    passes.map((pass) => [
      pass.name,
      fixed(pass.p50Ms, 1),
      fixed(pass.p99Ms, 1),
      fixed(pass.maxMs, 1),
      fixed(pass.queryP50Ms, 1),
      fixed(pass.queryP99Ms, 1),
      count(pass.readingsPerDevice),
    ]),
  );
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

if (import.meta.main) process.exitCode = await run(process.argv.slice(2));
