/**
 * What a common pipeline does, as a process of its own, started through fork() and told by a message where the
 * broker and the database are: an MQTT client subscribed with QoS 1, JSON.parse, INSERT of 100 rows per
 * statement. The client acknowledges on receipt, so what stands in its buffer is lost when it dies.
 */
import { connectAsync } from 'mqtt';
import pg from 'pg';
import { type Static, Type } from 'typebox';
import { Value } from 'typebox/value';
import { every } from '../src/lib/clock.ts';
import { describeError } from '../src/lib/errors.ts';

const ROWS_PER_INSERT = 100;
const COLUMNS = 5;
const CONNECTIONS = 4;
/** A batch that does not fill is written after this long. */
const FLUSH_MS = 50;

const Reading = Type.Object({
  device_id: Type.String(),
  device_type: Type.String(),
  site_id: Type.String(),
  timestamp_utc: Type.String(),
});

/** Through a message, because arguments and environment of a process can be read by others. */
const PipelineStart = Type.Object({ port: Type.Integer(), connectionString: Type.String() });

/** VALUES ($1,…,$5),($6,…) for this many rows. */
function insertText(rows: number): string {
  const tuples = Array.from({ length: rows }, (_, row) => {
    const parameters = Array.from({ length: COLUMNS }, (__, column) => `$${row * COLUMNS + column + 1}`);
    return `(${parameters.join(',')})`;
  });
  return `INSERT INTO bench_baseline (device_id, device_type, site_id, ts, payload)
          VALUES ${tuples.join(',')} ON CONFLICT DO NOTHING`;
}

const FULL_INSERT = insertText(ROWS_PER_INSERT);

async function start({ port, connectionString }: Static<typeof PipelineStart>): Promise<void> {
  const pool = new pg.Pool({ connectionString, max: CONNECTIONS, application_name: 'tier0-bench-baseline' });
  let batch: unknown[] = [];
  const flush = (): void => {
    if (batch.length === 0) return;
    const values = batch;
    batch = [];
    const rows = values.length / COLUMNS;
    pool.query(rows === ROWS_PER_INSERT ? FULL_INSERT : insertText(rows), values).catch(fail);
  };
  const client = await connectAsync(`mqtt://127.0.0.1:${port}`, { clientId: 'bench-baseline' });
  client.on('message', (_topic, payload) => {
    const text = payload.toString();
    const reading: unknown = JSON.parse(text);
    if (!Value.Check(Reading, reading)) return;
    batch.push(reading.device_id, reading.device_type, reading.site_id, reading.timestamp_utc, text);
    if (batch.length === ROWS_PER_INSERT * COLUMNS) flush();
  });
  await client.subscribeAsync('og/field/#', { qos: 1 });
  every(FLUSH_MS, new AbortController().signal, flush);
  process.send?.('subscribed');
}

function fail(error: unknown): void {
  process.stderr.write(`baseline: ${describeError(error)}\n`);
  process.exit(1);
}

process.once('message', (message) => void start(Value.Parse(PipelineStart, message)).catch(fail));
process.on('disconnect', () => process.exit(0));
