/** The fault matrix, short: every drill once, at a load that leaves a busy machine room to answer. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { Value } from 'typebox/value';
import { DrillReport, DrillsBody } from '../../src/lib/control-schemas.ts';
import { tier0 } from './harness/command.ts';
import { type System, startSystem } from './harness/system.ts';

const LIMIT_MS = 150_000;

let system: System;
before(async () => {
  system = await startSystem();
  await system.inMode('strict');
});
after(() => system?.stop());

const drill = (...args: string[]) => tier0(['drill', ...args, ...system.where], LIMIT_MS);

describe('under load, a drill ends with nothing lost, doubled or failed, and both regions whole', () => {
  const moving = ['kill', 'freeze', 'kill-postgres', 'freeze-postgres', 'switchover'];
  const staying = ['kill-agent', 'kill-etcd-leader', 'kill-witness'];
  for (const fault of [...moving, ...staying]) {
    test(fault, async (t) => {
      const { leader } = await system.inMode('strict', 60_000);
      const load = ['--writes', '50', '--telemetry', '300', '--freeze-ms', '4000', '--json'];
      const { code, stdout, stderr } = await drill(fault, ...load);
      assert.equal(stderr, '');
      const report = Value.Parse(DrillReport, JSON.parse(stdout));
      const { summary, runs } = report;
      t.diagnostic(`outage ${summary.outage_ms?.p50} ms, writes ${JSON.stringify(summary.writes)}`);
      assert.equal(report.verdict, 'passed', report.complaint ?? '');
      assert.equal(code, 0);
      const { acknowledged, lost, duplicated } = summary.writes;
      assert.ok(acknowledged > 50);
      assert.deepEqual([lost, duplicated, summary.requests.failed], [0, 0, 0]);
      assert.deepEqual([runs[0]?.telemetry?.lost, runs[0]?.telemetry?.duplicated], [0, 0]);
      const moved = (await system.record()).leader !== leader;
      if (moving.includes(fault)) assert.ok(moved, 'the other region leads');
      if (staying.includes(fault) && fault !== 'kill-etcd-leader') assert.ok(!moved, 'nobody takes over');
    });
  }
});

test('reports are kept: the list has every drill, newest first, and each can be shown', async () => {
  const { body } = await system.api('/api/drills');
  const { drills } = Value.Parse(DrillsBody, body);
  assert.equal(drills.length, 8);
  const { code, stdout } = await drill('show', drills[0]?.id ?? '');
  assert.equal(code, 0);
  assert.match(stdout, /kill-witness leader: PASSED/);
});

test('what a drill cannot be is refused with what it could be', async () => {
  const unknown = await drill('explode');
  assert.equal(unknown.code, 1);
  assert.match(unknown.stderr, /kill, freeze/);
  const elsewhere = await drill('kill', 'region9');
  assert.match(elsewhere.stderr, /region1, region2, leader or standby, not "region9"/);
  const nothing = await drill('show', 'none');
  assert.equal(nothing.code, 1);
  assert.match(nothing.stderr, /no drill none/);
});
