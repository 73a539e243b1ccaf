/** The leader changes, on purpose and by loss, while readings arrive: none that was acknowledged is lost. */
import assert from 'node:assert/strict';
import { after, before, describe, type TestContext, test } from 'node:test';
import { peerOf } from '../../src/lib/topology.ts';
import type { Publisher } from './harness/publisher.ts';
import { type System, startSystem } from './harness/system.ts';
import { RATE_PER_S, underLoad } from './harness/under-load.ts';

let system: System;
before(async () => {
  system = await startSystem();
  await system.inMode('strict');
});
after(() => system?.stop());

type Outcome = { status: number; body: Record<string, unknown> };

async function moveTo(region: string): Promise<Outcome> {
  const { status, body } = await system.get(system.at.edge.control, `/failover/${region}`, 'POST');
  assert.ok(typeof body === 'object' && body !== null);
  return { status, body: { ...body } };
}

async function loseLeader(t: TestContext): Promise<void> {
  const before = await system.inMode('strict');
  await underLoad(system, t, {}, async (load: Publisher) => {
    system.signalRegion(before.leader, 'SIGKILL');
    await load.moreAcknowledged(RATE_PER_S);
    const now = await system.record();
    assert.equal(now.leader, peerOf(before.leader));
    assert.ok(now.epoch > before.epoch);
  });
  const { syncSet } = await system.inMode('strict', 60_000);
  assert.deepEqual(syncSet, [before.leader], 'the lost region is back in the sync set');
}

describe('switchover', () => {
  test('there and back under load, and nothing is lost', async (t) => {
    for (const _ of ['there', 'back']) {
      const { leader, epoch } = await system.inMode('strict');
      const target = peerOf(leader);
      await underLoad(system, t, {}, async (load) => {
        const { status, body } = await moveTo(target);
        assert.equal(status, 200, JSON.stringify(body));
        assert.equal(body.target_region, target);
        await load.moreAcknowledged(RATE_PER_S);
      });
      const now = await system.record();
      assert.equal(now.leader, target);
      assert.equal(now.epoch, epoch + 1);
    }
  });

  test('is refused with the reason: unknown region, already there', async () => {
    const { leader } = await system.inMode('strict');
    const unknown = await moveTo('region9');
    assert.deepEqual([unknown.status, unknown.body.error], [400, 'unknown_region']);
    const there = await moveTo(leader);
    assert.deepEqual([there.status, there.body.error], [409, 'already_there']);
  });

  test('asked for in both directions at once, it moves once', async () => {
    const { leader, epoch } = await system.inMode('strict');
    const answers = await Promise.all([moveTo(peerOf(leader)), moveTo(leader), moveTo(peerOf(leader))]);
    const done = answers.filter(({ status }) => status === 200);
    assert.ok(done.length >= 1, JSON.stringify(answers));
    for (const { status } of answers) assert.ok([200, 409, 503].includes(status));
    const now = await system.inMode('strict');
    assert.deepEqual([now.leader, now.epoch], [peerOf(leader), epoch + 1]);
  });
});

describe('takeover', () => {
  test(
    'every process of the leading region killed: the other region leads, the lost one comes back',
    loseLeader,
  );
  test('and the same the other way round', loseLeader);

  test('PostgreSQL of the leader killed: acknowledgements go on, nothing is lost', async (t) => {
    const { leader } = await system.inMode('strict');
    await underLoad(system, t, {}, async (load) => {
      system.signalTree(leader, 'postgres', 'SIGKILL');
      await load.moreAcknowledged(RATE_PER_S);
    });
  });

  test('in solo a lost leader is not replaced: the standby may lack acknowledged readings', async () => {
    const { leader, epoch } = await system.inMode('strict');
    const standby = peerOf(leader);
    system.signalTree(standby, 'postgres', 'SIGSTOP');
    try {
      await system.inMode('solo');
      const refused = await moveTo(standby);
      assert.deepEqual([refused.status, refused.body.error], [503, 'would_lose_data']);
      system.signalTree(leader, 'postgres', 'SIGKILL');
    } finally {
      system.signalTree(standby, 'postgres', 'SIGCONT');
    }
    const now = await system.inMode('strict', 60_000);
    assert.deepEqual([now.leader, now.epoch], [leader, epoch]);
  });
});
