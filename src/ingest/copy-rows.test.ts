import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { MAX_METRICS } from '../lib/live-record.ts';
import { Batch } from './batch.ts';
import { encodeCopy } from './copy-rows.ts';

type Row = {
  readonly tsMs: number;
  readonly receivedMs: number;
  readonly context: bigint;
  readonly deviceNo: number;
  readonly state: number;
  readonly metrics: readonly number[];
  readonly extra?: string;
  readonly suspect?: boolean;
};

const SAMPLE: Row = {
  tsMs: Date.UTC(2026, 10, 16, 12, 30, 45, 123),
  receivedMs: Date.UTC(2026, 10, 16, 12, 30, 45, 456),
  context: -1_234_567_890_123_456_789n,
  deviceNo: 99_999,
  state: 2,
  metrics: [1.5, Number.NaN, -0.1],
};

function batchOf(rows: readonly Row[]): Batch {
  const batch = new Batch(rows.length);
  for (const [
    row,
    { tsMs, receivedMs, context, deviceNo, state, metrics, extra, suspect },
  ] of rows.entries()) {
    batch.tsMs[row] = tsMs;
    batch.receivedMs[row] = receivedMs;
    batch.context[row] = context;
    batch.deviceNo[row] = deviceNo;
    batch.state[row] = state;
    batch.metricCount[row] = metrics.length;
    batch.metrics.set(metrics, row * MAX_METRICS);
    if (extra !== undefined) batch.extra.set(row, extra);
    batch.suspect[row] = Number(suspect ?? false);
  }
  batch.rows = rows.length;
  return batch;
}

/** The fields of every tuple as PostgreSQL's documentation of COPY, "Binary Format", lays them out. */
function tuplesOf(copy: Buffer): (Buffer | null)[][] {
  assert.equal(copy.subarray(0, 11).toString('latin1'), 'PGCOPY\n\xff\r\n\0');
  assert.equal(copy.readInt32BE(11), 0, 'flags');
  let at = 19 + copy.readInt32BE(15);
  const tuples: (Buffer | null)[][] = [];
  for (let fields = copy.readInt16BE(at); fields !== -1; fields = copy.readInt16BE(at)) {
    at += 2;
    const tuple = Array.from({ length: fields }, () => {
      const length = copy.readInt32BE(at);
      at += 4;
      if (length === -1) return null;
      at += length;
      return copy.subarray(at - length, at);
    });
    tuples.push(tuple);
  }
  assert.equal(at + 2, copy.length, 'nothing stands behind the trailer');
  return tuples;
}

const field = (tuple: (Buffer | null)[], index: number): Buffer => {
  const value = tuple[index];
  assert.ok(Buffer.isBuffer(value), `field ${index} is null`);
  return value;
};

const timestampMs = (value: Buffer): number => {
  assert.equal(value.length, 8);
  return Number(value.readBigInt64BE()) / 1_000 + Date.UTC(2000, 0, 1);
};

function floatArray(value: Buffer): number[] {
  const [dimensions, hasNull, oid, size, lower] = [0, 4, 8, 12, 16].map((at) => value.readInt32BE(at));
  assert.deepEqual([dimensions, hasNull, oid, lower], [1, 0, 701, 1]);
  const elements = Array.from({ length: size ?? 0 }, (_, i) => {
    assert.equal(value.readInt32BE(20 + 12 * i), 8);
    return value.readDoubleBE(24 + 12 * i);
  });
  assert.equal(value.length, 20 + 12 * elements.length);
  return elements;
}

function decode(copy: Buffer): Row[] {
  return tuplesOf(copy).map((tuple) => {
    assert.equal(tuple.length, 7);
    const extra = tuple[6];
    assert.ok(extra === null || extra?.[0] === 1, 'jsonb begins with its version');
    return {
      tsMs: timestampMs(field(tuple, 0)),
      receivedMs: timestampMs(field(tuple, 1)),
      context: field(tuple, 2).readBigInt64BE(),
      deviceNo: field(tuple, 3).readInt32BE(),
      state: field(tuple, 4).readInt16BE(),
      metrics: floatArray(field(tuple, 5)),
      ...(extra === null || extra === undefined ? {} : { extra: extra.toString('utf8', 1) }),
    };
  });
}

describe('encodeCopy', () => {
  it('writes what PostgreSQL reads back: all columns, NaN, and jsonb', () => {
    const rows: Row[] = [
      SAMPLE,
      { ...SAMPLE, deviceNo: 1, state: 0, context: 2n ** 63n - 1n, extra: '{"ünï":1}' },
      { ...SAMPLE, metrics: Array.from({ length: MAX_METRICS }, (_, i) => i / 3), context: -(2n ** 63n) },
      { ...SAMPLE, metrics: [0], context: 0n },
    ];
    assert.deepEqual(decode(encodeCopy(batchOf(rows), 'all')), rows);
  });

  for (const moment of [
    '2000-01-01T00:00:00.000Z',
    '1999-12-31T23:59:59.999Z',
    '1970-01-01T00:00:00.001Z',
    '2099-12-31T23:59:59.999Z',
  ]) {
    it(`keeps ${moment} to the millisecond`, () => {
      const row = { ...SAMPLE, tsMs: Date.parse(moment) };
      assert.deepEqual(decode(encodeCopy(batchOf([row]), 'all')), [row]);
    });
  }

  it('writes only the chosen rows', () => {
    const numbered = [1, 2, 3, 4].map((deviceNo) => ({
      ...SAMPLE,
      deviceNo,
      suspect: deviceNo % 2 === 0,
      ...(deviceNo === 2 ? { extra: '{"a":1}' } : {}),
    }));
    const batch = batchOf(numbered);
    const chosen = (selection: 'new' | 'suspect' | 'all'): number[] =>
      decode(encodeCopy(batch, selection)).map(({ deviceNo }) => deviceNo);
    assert.deepEqual(chosen('new'), [1, 3]);
    assert.deepEqual(chosen('suspect'), [2, 4]);
    assert.deepEqual(chosen('all'), [1, 2, 3, 4]);
  });

  it('of no rows is a header and a trailer', () => {
    assert.deepEqual(decode(encodeCopy(new Batch(3), 'all')), []);
  });
});
