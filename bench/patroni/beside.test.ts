import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CurrentDrill, type DrillReport } from '../../src/lib/control-schemas.ts';
import { parseAnswer } from '../control.ts';
import { fromReport } from './beside.ts';

const REQUESTS = { sent: 10, acknowledged: 10, failed: 0, held: 2, worst_ms: 480 };
const report = (fields: Partial<DrillReport>, outage: DrillReport['summary']['outage_ms']): DrillReport => ({
  id: 'drill-1',
  fault: 'kill',
  target: 'leader',
  hypothesis: '',
  verdict: 'passed',
  complaint: null,
  started_at: '2026-11-24T00:00:00Z',
  finished_at: '2026-11-24T00:01:00Z',
  load: { writes_per_s: 200, telemetry_per_s: 0 },
  build: { version: '0.1.0', commit: null, node: 'v24.21.0' },
  machine: { cpus: 2, memory_bytes: 1, platform: 'linux x64' },
  summary: {
    runs: 3,
    outage_ms: outage,
    rejoin_ms: null,
    solo_ms: 0,
    requests: REQUESTS,
    writes: { acknowledged: 10, lost: 0, duplicated: 1, recovered: 0 },
    telemetry: null,
    error_budget_spent_s: 0,
  },
  runs: [],
  ...fields,
});

test('a drill that passed gives its figures', () => {
  assert.deepEqual(fromReport('node', report({}, { min: 400, p50: 500, p99: 700, max: 700 })), {
    case: 'node',
    runs: 3,
    minMs: 400,
    medianMs: 500,
    maxMs: 700,
    lost: 0,
    duplicated: 1,
    complaint: null,
  });
});

test('a drill without a run has no figures and says why', () => {
  const ours = fromReport('node', report({ verdict: 'aborted', complaint: 'not strict in time' }, null));
  assert.ok(Number.isNaN(ours.medianMs));
  assert.equal(ours.complaint, 'not strict in time');
  assert.equal(fromReport('node', report({ verdict: 'failed' }, null)).complaint, 'failed');
});

test('an answer is parsed, and what is wrong with one is named with its address', () => {
  assert.equal(parseAnswer(CurrentDrill, 'http://x/drills/current', 'null'), null);
  assert.throws(
    () => parseAnswer(CurrentDrill, 'http://x/drills/current', '<html>'),
    /x\/drills\/current did not/,
  );
  assert.throws(
    () => parseAnswer(CurrentDrill, 'http://x/drills/current', '{"id":1}'),
    /x\/drills\/current: /,
  );
});
