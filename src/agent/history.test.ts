import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ClusterRecord } from '../lib/cluster.ts';
import { historyRows } from './history.ts';

const RECORD: ClusterRecord = {
  epoch: 3,
  leader: 'region2',
  syncSet: [],
  mode: 'solo',
  phase: 'serving',
  reason: 'test',
  since: '2026-11-24T00:00:02.000Z',
};
const operation = { id: 'a', kind: 'switchover', from: 'region1' } as const;
const marks = { held: '2026-11-24T00:00:01.500Z', serving: '2026-11-24T00:00:02.000Z' };

test('an operation is one row however many records it wrote, with its marks and how long it took', () => {
  const records: ClusterRecord[] = [
    { ...RECORD, operation, marks },
    { ...RECORD, operation, phase: 'promoting' },
    { ...RECORD, epoch: 2, leader: 'region1', operation, phase: 'handing_over' },
  ];
  const rows = historyRows(records);
  assert.equal(rows.length, 1);
  assert.deepEqual([rows[0]?.outcome, rows[0]?.duration_ms, rows[0]?.leader], ['completed', 500, 'region2']);
});

test('an operation that goes on runs; one that another record followed before it served was given up', () => {
  const promoting: ClusterRecord = { ...RECORD, operation, phase: 'promoting' };
  assert.equal(historyRows([promoting])[0]?.outcome, 'running');
  const back: ClusterRecord = { ...RECORD, leader: 'region1', operation };
  assert.equal(historyRows([back])[0]?.outcome, 'abandoned');
  const taken: ClusterRecord = {
    ...RECORD,
    epoch: 4,
    operation: { ...operation, id: 'b', kind: 'takeover' },
  };
  assert.deepEqual(
    historyRows([taken, promoting]).map(({ outcome }) => outcome),
    ['completed', 'abandoned'],
  );
});

test('changes of mode outside of operations are rows of their own', () => {
  const strict: ClusterRecord = { ...RECORD, mode: 'strict', syncSet: ['region1'] };
  assert.deepEqual(
    historyRows([strict, RECORD]).map(({ kind }) => kind),
    ['strict', 'solo'],
  );
});
