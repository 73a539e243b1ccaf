import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { contextAt, encodeLiveRecord, liveRecordBytes, viewOf } from '../lib/live-record.ts';
import { countStates } from './live-counts.ts';
import { applyFeed } from './live-feed.ts';
import { canonicalDeviceId, findRows } from './live-query.ts';
import { LIVE_STATES, LiveTable } from './live-table.ts';

const INTERVAL_MS = 100_000;
const PAGE = { offset: 0, limit: 100 };
const START_MS = 1_000_000_000_000;

function fixture(): LiveTable {
  const table = new LiveTable({ expectedIntervalS: INTERVAL_MS / 1000, startedMs: START_MS });
  table.defineSites([
    { site_id: 'WY-ALPHA', place: 'Wyoming', lat: 1, lon: 2, area: 'US-WEST' },
    { site_id: 'TX-EAGLE', place: 'Texas', lat: 3, lon: 4, area: 'US-SOUTH' },
  ]);
  table.defineTypes([
    { type: 'turbine', metrics: ['rpm', 'power_kw'] },
    { type: 'ogd', metrics: ['flow_rate_m3_h'] },
  ]);
  table.register([
    { deviceNo: 3, deviceId: 'TURB-00002', deviceType: 'turbine', siteId: 'TX-EAGLE', expectedIntervalS: 1 },
    {
      deviceNo: 1,
      deviceId: 'TURB-00001',
      deviceType: 'turbine',
      siteId: 'WY-ALPHA',
      expectedIntervalS: null,
    },
    { deviceNo: 2, deviceId: 'OGD-00001', deviceType: 'ogd', siteId: 'WY-ALPHA', expectedIntervalS: null },
  ]);
  return table;
}

const stored = (deviceNo: number, tsMs: number, receivedMs: number, state = 0) => ({
  deviceNo,
  tsMs,
  receivedMs,
  context: 7n,
  state,
  metrics: [tsMs, Number.NaN],
});

const stateOf = (table: LiveTable, deviceId: string, nowMs: number): string | undefined =>
  LIVE_STATES[table.stateAt(table.rowOfId(deviceId) ?? -1, nowMs)];

function feedMessage(records: readonly { no: number; tsMs: number }[]): Buffer {
  return Buffer.concat(
    records.map(({ no, tsMs }) => {
      const bytes = Buffer.alloc(4 + liveRecordBytes(1));
      bytes.writeUInt32LE(no);
      const columns = {
        tsMs: Float64Array.of(tsMs),
        receivedMs: Float64Array.of(tsMs),
        contextWords: Int32Array.of(-1, -1),
        state: Uint8Array.of(2),
        metrics: Float64Array.of(42),
      };
      encodeLiveRecord(viewOf(bytes), 4, columns, 0, 1);
      return bytes;
    }),
  );
}

describe('live table', () => {
  it('keeps the later of two readings, whichever comes first', () => {
    for (const order of [
      [1, 2],
      [2, 1],
    ]) {
      const table = fixture();
      for (const n of order) table.applyStored(stored(1, START_MS + n, START_MS + n, n));
      const row = table.rowOfNo(1) ?? -1;
      assert.equal(table.columns.tsMs[row], START_MS + 2);
      assert.equal(table.columns.state[row], 2);
    }
  });

  it('changes nothing when the same reading is applied again', () => {
    const table = fixture();
    table.applyStored(stored(1, START_MS, START_MS));
    const row = table.rowOfNo(1) ?? -1;
    const version = table.columns.version[row];
    table.applyStored(stored(1, START_MS, START_MS));
    assert.equal(table.columns.version[row], version);
    assert.equal(table.reported, 1);
  });

  it('counts a late reading as a sign of life without showing it', () => {
    const table = fixture();
    table.applyStored(stored(1, START_MS, START_MS));
    const laterMs = START_MS + 4 * INTERVAL_MS;
    assert.equal(stateOf(table, 'TURB-00001', laterMs), 'STALE');
    table.applyStored(stored(1, START_MS - 1, laterMs, 2));
    assert.equal(stateOf(table, 'TURB-00001', laterMs), 'OK');
  });

  it('is stale just after three expected intervals, of the device or of the fleet', () => {
    const table = fixture();
    for (const no of [1, 3]) table.applyStored(stored(no, START_MS, START_MS, 1));
    assert.equal(stateOf(table, 'TURB-00001', START_MS + 3 * INTERVAL_MS), 'WARN');
    assert.equal(stateOf(table, 'TURB-00001', START_MS + 3 * INTERVAL_MS + 1), 'STALE');
    assert.equal(stateOf(table, 'TURB-00002', START_MS + 3_000), 'WARN');
    assert.equal(stateOf(table, 'TURB-00002', START_MS + 3_001), 'STALE');
  });

  it('counts silence only from when somebody listened', () => {
    const table = fixture();
    table.applyStored(stored(1, START_MS - 100 * INTERVAL_MS, START_MS - 100 * INTERVAL_MS));
    assert.equal(stateOf(table, 'TURB-00001', START_MS + INTERVAL_MS), 'OK');
    table.observeSince(START_MS - 50 * INTERVAL_MS);
    assert.equal(stateOf(table, 'TURB-00001', START_MS + INTERVAL_MS), 'STALE');
  });

  it('is unknown, not stale, when it never reported', () => {
    assert.equal(stateOf(fixture(), 'OGD-00001', START_MS + 100 * INTERVAL_MS), 'UNKNOWN');
  });

  it('takes the feed, skips devices that are not registered, refuses a message cut short', () => {
    const table = fixture();
    const message = feedMessage([
      { no: 999, tsMs: START_MS },
      { no: 2, tsMs: START_MS },
    ]);
    assert.equal(applyFeed(table, message), 2);
    assert.equal(stateOf(table, 'OGD-00001', START_MS), 'ALERT');
    assert.equal(contextAt(table.columns, table.rowOfNo(2) ?? -1), -1n);
    for (const cut of [1, 8, 20]) {
      assert.throws(() => applyFeed(table, message.subarray(0, message.length - cut)), RangeError);
    }
  });

  it('keeps its rows when it grows and orders new devices among the old', () => {
    const table = fixture();
    table.applyStored(stored(1, START_MS, START_MS, 2));
    const added = table.register(
      Array.from({ length: 3_000 }, (_, i) => ({
        deviceNo: 10 + i,
        deviceId: `MID-${String(i).padStart(5, '0')}`,
        deviceType: 'ogd',
        siteId: 'TX-EAGLE',
        expectedIntervalS: null,
      })),
    );
    assert.equal(added, 3_000);
    assert.equal(stateOf(table, 'TURB-00001', START_MS), 'ALERT');
    const ids = [...table.order].map((row) => table.idOf(row));
    assert.deepEqual(ids, [...ids].sort());
    assert.deepEqual(table.unreported().slice(0, 3), [2, 3, 10]);
  });

  it('counts every device once, by site, type and state', () => {
    const table = fixture();
    table.applyStored(stored(1, START_MS, START_MS, 1));
    table.applyStored(stored(3, START_MS, START_MS, 2));
    const { fleet, sites } = countStates(table, START_MS + 10_000);
    const expected = { total: 3, reporting: 1, stale: 1, unknown: 1, OK: 0, WARN: 1, ALERT: 0 };
    assert.deepEqual(fleet, expected);
    assert.deepEqual(
      sites.map(({ site_id, total, stale, by_type }) => [site_id, total, stale, by_type.ogd?.unknown]),
      [
        ['TX-EAGLE', 1, 1, 0],
        ['WY-ALPHA', 2, 0, 1],
      ],
    );
  });
});

describe('device pages', () => {
  const ids = (table: LiveTable, filter: Parameters<typeof findRows>[1], page = PAGE): string[] =>
    findRows(table, filter, page, START_MS).rows.map((row) => table.idOf(row));

  it('filters, and orders by device_id', () => {
    const table = fixture();
    assert.deepEqual(ids(table, {}), ['OGD-00001', 'TURB-00001', 'TURB-00002']);
    assert.deepEqual(ids(table, { site_id: 'WY-ALPHA' }), ['OGD-00001', 'TURB-00001']);
    assert.deepEqual(ids(table, { device_type: 'turbine', site_id: 'TX-EAGLE' }), ['TURB-00002']);
    assert.deepEqual(ids(table, { search: 'b-0000' }), ['TURB-00001', 'TURB-00002']);
    assert.deepEqual(ids(table, { state: 'OK' }), []);
    assert.deepEqual(ids(table, { state: 'UNKNOWN', search: 'ogd' }), ['OGD-00001']);
    assert.deepEqual(ids(table, { site_id: 'nowhere' }), []);
  });

  it('counts all matches, also those beyond the page', () => {
    const table = fixture();
    const page = findRows(table, { device_type: 'turbine' }, { offset: 1, limit: 5 }, START_MS);
    assert.equal(page.total, 2);
    assert.deepEqual(
      page.rows.map((row) => table.idOf(row)),
      ['TURB-00002'],
    );
    assert.deepEqual(ids(table, {}, { offset: 3, limit: 5 }), []);
  });

  it('knows the other name of an oil and gas device', () => {
    const table = fixture();
    assert.equal(canonicalDeviceId('OGC-00001'), 'OGD-00001');
    assert.deepEqual(ids(table, { device_id: 'OGC-00001' }), ['OGD-00001']);
    assert.deepEqual(ids(table, { device_type: 'connected_device' }), ['OGD-00001']);
    assert.deepEqual(ids(table, { search: 'ogc-0' }), ['OGD-00001']);
    assert.deepEqual(ids(table, { device_id: 'OGD-00001', site_id: 'TX-EAGLE' }), []);
  });
});
