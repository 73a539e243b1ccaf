/** Faults that come together, or in the middle of an operation; and operators who ask at the wrong moment. */
import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { Value } from 'typebox/value';
import { sleep } from '../../src/lib/clock.ts';
import { type ClusterRecord, etcdEndpoints, parseRecord, RECORD_KEY } from '../../src/lib/cluster.ts';
import { StatusBody } from '../../src/lib/control-schemas.ts';
import { Etcd } from '../../src/lib/etcd.ts';
import { until } from '../../src/lib/eventually.ts';
import { commandLine, processTree, signalProcess } from '../../src/lib/process-table.ts';
import { type DataRegion, peerOf } from '../../src/lib/topology.ts';
import type { Publisher } from './harness/publisher.ts';
import { type System, startSystem } from './harness/system.ts';
import { RATE_PER_S, underLoad } from './harness/under-load.ts';

const RETURN_MS = 90_000;
const ATTEMPTS = 5;

type Underway = { readonly from: DataRegion; readonly answer: Promise<unknown> };

let system: System;
before(async () => {
  system = await startSystem();
  await system.inMode('strict');
});
after(() => system?.stop());

const ask = async (path: string, headers: Record<string, string> = {}) => {
  const response = await fetch(`http://${system.at.host}:${system.at.edge.control}${path}`, {
    method: 'POST',
    headers,
    signal: AbortSignal.timeout(40_000),
  });
  return { status: response.status, body: Object(await response.json()) as Record<string, unknown> };
};

async function statusOf(member: DataRegion | 'witness'): Promise<StatusBody> {
  return Value.Parse(StatusBody, (await system.get(system.at[member].agent, '/status')).body);
}

/**
 * Asks for a switchover and resolves once it is in this phase. A region that has just come back may refuse, and a
 * phase may pass between two looks at etcd, which is asked without a pause: then it is asked for again.
 */
async function switchoverIn(phase: ClusterRecord['phase']): Promise<Underway> {
  const etcd = new Etcd({ endpoints: etcdEndpoints(system.at, 'witness'), deadlineMs: 2_000 });
  const answers: unknown[] = [];
  try {
    while (answers.length < ATTEMPTS) {
      const { leader: from } = await system.inMode('strict', RETURN_MS);
      let over = false;
      const answer = ask(`/failover/${peerOf(from)}`)
        .catch((error: unknown) => error)
        .finally(() => {
          over = true;
        });
      while (!over) {
        const pair = await etcd.get(RECORD_KEY);
        if (pair !== null && parseRecord(pair.value).phase === phase) return { from, answer };
      }
      answers.push(await answer);
      await sleep(500);
    }
  } finally {
    etcd.close();
  }
  throw new Error(`the record was never seen ${phase}: ${JSON.stringify(answers)}`);
}

/** Readings are acknowledged again, whoever leads. */
const goesOn = (load: Publisher): Promise<void> => load.moreAcknowledged(RATE_PER_S);

describe('a fault in the middle of a switchover', () => {
  const victims: Readonly<Record<string, (from: DataRegion) => void>> = {
    'the agent of the old leader is killed': (from) => system.signal(from, 'agent', 'SIGKILL'),
    'the agent of the new leader is killed': (from) => system.signal(peerOf(from), 'agent', 'SIGKILL'),
    'every process of the old leader is killed': (from) => system.signalRegion(from, 'SIGKILL'),
    'every process of the new leader is killed': (from) => system.signalRegion(peerOf(from), 'SIGKILL'),
  };
  for (const phase of ['handing_over', 'promoting'] as const) {
    for (const [what, strike] of Object.entries(victims)) {
      test(`${phase}: ${what}; writes go on and nothing is lost`, async (t) => {
        const { epoch } = await system.inMode('strict', RETURN_MS);
        await underLoad(system, t, {}, async (load) => {
          const { from, answer } = await switchoverIn(phase);
          strike(from);
          await goesOn(load);
          await answer;
        });
        assert.ok((await system.record()).epoch >= epoch);
      });
    }
  }
});

describe('what could lose data is not done', () => {
  test('without a majority of etcd a frozen leader is not replaced; with one again it is', async (t) => {
    const { leader, epoch } = await system.inMode('strict', RETURN_MS);
    await underLoad(system, t, {}, async (load) => {
      system.signal('witness', 'etcd', 'SIGSTOP');
      system.signalRegion(leader, 'SIGSTOP');
      try {
        await until('the standby says that it cannot know', 10_000, async () => {
          return (await statusOf(peerOf(leader))).view === 'stale';
        });
        await sleep(3_000);
        const { record, message } = await statusOf(peerOf(leader));
        assert.deepEqual([record?.leader, record?.epoch], [leader, epoch]);
        assert.match(message, /etcd/);
        system.signal('witness', 'etcd', 'SIGCONT');
        await until('the standby leads', 20_000, async () => (await system.record()).leader !== leader);
        await goesOn(load);
      } finally {
        system.signalRegion(leader, 'SIGCONT');
        const pid = system.pidOf('witness', 'etcd');
        if (pid !== null) signalProcess(pid, 'SIGCONT');
      }
    });
  });

  test('a leader that comes back with commits nobody else has takes them back, and they are kept aside', async (t) => {
    const { leader } = await system.inMode('strict', RETURN_MS);
    const standby = peerOf(leader);
    await underLoad(system, t, {}, async (load) => {
      // Nothing is sent while the leader goes on writing, below the second after which it is solo.
      const sender = processTree([system.pidOf(leader, 'postgres') ?? 0]).find((pid) =>
        commandLine(pid)?.includes('walsender'),
      );
      signalProcess(sender ?? 0, 'SIGSTOP');
      await sleep(400);
      system.signalRegion(leader, 'SIGKILL');
      await until('the standby leads', 20_000, async () => (await system.record()).leader === standby);
      await goesOn(load);
    });
    const kept = readdirSync(join(system.dataDir, leader, 'postgres.forked'));
    assert.ok(kept.length > 0, 'the forked WAL is kept');
  });
});

describe('operators', () => {
  test('while automation is paused a crashed leader is not replaced; resumed, it is', async (t) => {
    const { leader, epoch } = await system.inMode('strict', RETURN_MS);
    assert.equal((await ask('/pause')).status, 200);
    await until('the agent knows', 5_000, async () => (await statusOf(leader)).paused !== null);
    await underLoad(system, t, {}, async (load) => {
      system.signalTree(leader, 'postgres', 'SIGKILL');
      await goesOn(load);
      const now = await system.record();
      assert.deepEqual([now.leader, now.epoch], [leader, epoch], 'its own agent started it again');
    });
    assert.equal((await ask('/resume')).status, 200);
    await underLoad(system, t, {}, async (load) => {
      system.signalTree(leader, 'postgres', 'SIGKILL');
      await goesOn(load);
    });
    assert.equal((await system.record()).leader, peerOf(leader));
  });

  test('the same request twice moves once, and is answered alike', async () => {
    const { leader, epoch } = await system.inMode('strict', RETURN_MS);
    const key = { 'idempotency-key': 'move-once' };
    const [first, second] = await Promise.all([
      ask(`/failover/${peerOf(leader)}`, key),
      ask(`/failover/${peerOf(leader)}`, key),
    ]);
    const third = await ask(`/failover/${peerOf(leader)}`, key);
    for (const { status, body } of [first, second, third]) {
      assert.equal(status, 200, JSON.stringify(body));
      assert.equal(body.target_region, peerOf(leader));
    }
    assert.equal((await system.inMode('strict', RETURN_MS)).epoch, epoch + 1);
  });
});
