import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ClusterRecord } from '../lib/cluster.ts';
import { OperationMarks } from './operation-marks.ts';
import type { RecordDraft } from './types.ts';

const DRAFT: RecordDraft = {
  epoch: 4,
  leader: 'region2',
  syncSet: [],
  mode: 'solo',
  phase: 'promoting',
  reason: 'test',
  operation: { id: 'takeover-4', kind: 'takeover', from: 'region1' },
};
const iso = (ms: number): string => new Date(ms).toISOString();

test('a step keeps the time at which it was first made: a later record of the same operation does not move it', () => {
  const marks = new OperationMarks();
  marks.note('suspected', 900);
  const promoting = marks.stamp(DRAFT, null, 1_000);
  const serving = marks.stamp({ ...DRAFT, phase: 'serving' }, promoting, 2_000);
  const growing = marks.stamp({ ...DRAFT, phase: 'serving', growing: true }, serving, 9_000);
  const expected = { suspected: iso(900), recorded: iso(1_000), serving: iso(2_000) };
  assert.deepEqual(growing.marks, expected);
  assert.equal(growing.since, iso(9_000));
});

test('marks of another operation are not taken over, and a record without an operation has none', () => {
  const marks = new OperationMarks();
  const other: ClusterRecord = { ...DRAFT, since: iso(1), marks: { recorded: iso(1) } };
  const operation = { id: 'b', kind: 'switchover', from: 'region2' } as const;
  assert.deepEqual(marks.stamp({ ...DRAFT, operation }, other, 5_000).marks, { recorded: iso(5_000) });
  const { operation: _, ...alone } = DRAFT;
  assert.equal(marks.stamp(alone, other, 6_000).marks, undefined);
});
