import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CurrentDrill, HistoryRow, StatusBody } from '../../../src/lib/control-schemas.ts';
import { currentSequence } from './sequence.ts';

const T = (ms: number): string => new Date(Date.parse('2026-11-24T08:00:00Z') + ms).toISOString();

const status = (phase: 'serving' | 'promoting', timestamp: string): StatusBody => ({
  timestamp,
  region: 'region2',
  view: 'fresh',
  view_age_ms: 30,
  message: '',
  paused: null,
  why: '',
  members: [],
  record: {
    epoch: 13,
    leader: 'region2',
    sync_set: [],
    mode: 'solo',
    phase,
    reason: 'region1 refuses connections',
    since: T(95),
    operation: { id: 'op', kind: 'takeover', from: 'region1', marks: { suspected: T(80), recorded: T(95) } },
  },
});

const drill: NonNullable<CurrentDrill> = {
  id: 'drill-1',
  fault: 'kill',
  target: 'leader',
  run: 3,
  repeat: 20,
  phase: 'broken',
  message: 'region1 is killed',
  timeline: [
    { step: 'fault', at: T(0), after_ms: 0 },
    { step: 'strict', at: T(4000), after_ms: 4000 },
  ],
  requests: { sent: 1, acknowledged: 1, failed: 0, held: 0, worst_ms: 4 },
};

const row: HistoryRow = {
  id: 'row',
  kind: 'switchover',
  outcome: 'completed',
  epoch: 12,
  from: 'region2',
  leader: 'region1',
  reason: 'asked for',
  at: T(-5000),
  duration_ms: 400,
  marks: { requested: T(-5400), serving: T(-5000) },
};

const none = { status: null, drill: null, lastDrill: null, history: [] };

test('a running drill comes before the change of leader that it causes, and counts from the fault', () => {
  const shown = currentSequence({ ...none, status: status('promoting', T(250)), drill });
  assert.equal(shown?.title, 'Drill · Kill a region: leader, run 3 of 20');
  assert.equal(shown?.elapsed_ms, 250);
});

test('a change of leader runs until the new one serves', () => {
  const running = currentSequence({ ...none, status: status('promoting', T(280)) });
  assert.deepEqual([running?.title, running?.elapsed_ms], ['Takeover · region1 → region2', 200]);
  const over = currentSequence({ ...none, status: status('serving', T(9000)) });
  assert.deepEqual([over?.running, over?.elapsed_ms, over?.steps.length], [false, null, 2]);
});

test('with nothing under way the latest event stays, a drill with its report', () => {
  const after = currentSequence({
    status: status('serving', T(9000)),
    drill: null,
    lastDrill: drill,
    history: [row],
  });
  assert.deepEqual([after?.report, after?.running], ['drill-1', false]);
  assert.equal(currentSequence({ ...none, history: [row] })?.title, 'Switchover · region2 → region1');
  assert.equal(currentSequence(none), null);
});
