import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { DrillRun } from '../../../src/lib/control-schemas.ts';
import { isClean, ledgerSentence, ledgerTotal, outageDots, worstRun } from './ledger.ts';

const counts = (lost: number) => ({ acknowledged: 1200, lost, duplicated: 0, recovered: 2 });

const run = (no: number, outage_ms: number, complaint: string | null = null): DrillRun => ({
  run: no,
  target: 'region1',
  leader_before: 'region1',
  leader_after: 'region2',
  epoch_before: 1,
  epoch_after: 2,
  timeline: [],
  outage_ms,
  telemetry_outage_ms: null,
  solo_ms: null,
  rejoin_ms: null,
  requests: { sent: 0, acknowledged: 0, failed: 0, held: 0, worst_ms: 0 },
  writes: counts(0),
  telemetry: null,
  complaint,
});

test('a ledger counts both stores and says none in words', () => {
  const total = ledgerTotal(counts(0), counts(1));
  assert.deepEqual(total, { acknowledged: 2400, lost: 1, duplicated: 0, recovered: 4 });
  assert.equal(isClean(total), false);
  assert.equal(ledgerSentence(total), '2,400 acknowledged, 1 lost, 0 doubled');
  assert.equal(ledgerSentence(ledgerTotal(counts(0), null)), '1,200 acknowledged, none lost, none doubled');
});

test('a failed run is looked at before a slow one', () => {
  assert.equal(worstRun([run(1, 400), run(2, 900), run(3, 300)])?.run, 2);
  assert.equal(worstRun([run(1, 400), run(2, 300, 'one row lost'), run(3, 900)])?.run, 2);
  assert.equal(worstRun([]), null);
});

test('outages stand on an axis of a second at least', () => {
  assert.deepEqual(outageDots([run(1, 500)]), {
    end_ms: 1000,
    dots: [{ run: 1, outage_ms: 500, share: 0.5 }],
  });
  assert.equal(outageDots([run(1, 1204)]).end_ms, 1500);
});
