/** Faults under load: whatever breaks, what was acknowledged is stored once, in every region of the sync set. */
import assert from 'node:assert/strict';
import { after, before, describe, type TestContext, test } from 'node:test';
import { Redis } from 'ioredis';
import { wallMs } from '../../src/lib/clock.ts';
import { eventually, until } from '../../src/lib/eventually.ts';
import { readSecrets } from '../../src/lib/secrets.ts';
import { DATA_REGIONS, type DataRegion, peerOf } from '../../src/lib/topology.ts';
import type { Publisher } from './harness/publisher.ts';
import { type System, startSystem } from './harness/system.ts';
import { type Load, RATE_PER_S, underLoad as underLoadOn } from './harness/under-load.ts';

let system: System;
before(async () => {
  system = await startSystem();
  await system.inMode('strict');
});
after(() => system?.stop());

const underLoad = (
  t: TestContext,
  options: Load,
  fault: (load: Publisher) => Promise<void>,
  settleMs?: number,
): Promise<void> => underLoadOn(system, t, options, fault, settleMs);

/** Counter of readings that the region's ingest found stored already, since it started. */
async function duplicatesSeen(region: DataRegion): Promise<number> {
  const { body } = await system.get(system.at[region].ingestHttp, '/health');
  assert.ok(typeof body === 'object' && body !== null && 'duplicates' in body);
  return Number(body.duplicates);
}

/** Kills the ingest of region1 while commits of it wait for the standby: they happen, unknown to its clients. */
async function killInBatch(load: Publisher): Promise<number> {
  const standby = peerOf((await system.record()).leader);
  system.signalTree(standby, 'postgres', 'SIGSTOP');
  try {
    await until('a batch waits for the standby', 5_000, () => load.outstanding >= RATE_PER_S / 5);
    return system.signal('region1', 'ingest', 'SIGKILL');
  } finally {
    system.signalTree(standby, 'postgres', 'SIGCONT');
  }
}

describe('ingest', () => {
  for (const version of [4, 5] as const) {
    test(`killed in the middle of a batch, it recognises what its clients send again (MQTT ${version})`, async (t) => {
      const ports = [system.at.region1.ingestMqtt];
      await underLoad(t, { version, ports }, async (load) => {
        const pid = await killInBatch(load);
        await system.restarted('region1', 'ingest', pid);
        await load.moreAcknowledged(RATE_PER_S);
        assert.ok((await duplicatesSeen('region1')) > 0, 'no commit was under way when ingest was killed');
      });
    });
  }

  test('killed in the middle of a batch, the other region recognises what it had committed', async (t) => {
    const before = await duplicatesSeen('region2');
    await underLoad(t, {}, async (load) => {
      const pid = await killInBatch(load);
      await load.moreAcknowledged(RATE_PER_S);
      assert.ok((await duplicatesSeen('region2')) > before, 'no commit was under way when ingest was killed');
      await system.restarted('region1', 'ingest', pid);
    });
  });
});

describe('the broker at the site', () => {
  test('restarted, it keeps what it has not delivered', async (t) => {
    const ports = [system.at.edge.mqtt];
    const restart = async (load: Publisher): Promise<void> => {
      const pid = system.signal('edge', 'mosquitto', 'SIGTERM');
      await system.restarted('edge', 'mosquitto', pid);
      await load.moreAcknowledged(RATE_PER_S);
    };
    await underLoad(t, { version: 4, ports }, restart, 30_000);
  });

  test('takes readings while both ingests are away and delivers them when they are back', async (t) => {
    const ports = [system.at.edge.mqtt];
    const bothAway = async (load: Publisher): Promise<void> => {
      const pids = DATA_REGIONS.map((region) => system.signal(region, 'ingest', 'SIGKILL'));
      await load.moreAcknowledged(2 * RATE_PER_S, 5_000);
      for (const [index, region] of DATA_REGIONS.entries()) {
        await system.restarted(region, 'ingest', pids[index] ?? 0);
      }
    };
    await underLoad(t, { ports }, bothAway, 30_000);
  });
});

/** A command on the Redis master, which Sentinel may have moved. */
async function onRedisMaster<T>(command: (redis: Redis, region: DataRegion) => Promise<T>): Promise<T> {
  const password = readSecrets(system.dataDir).redis;
  for (const region of DATA_REGIONS) {
    const redis = new Redis({
      host: system.at.host,
      port: system.at[region].redis,
      password,
      lazyConnect: true,
      retryStrategy: () => null,
    });
    redis.on('error', () => {});
    try {
      await redis.connect();
      const [role] = await redis.role();
      if (role === 'master') return await command(redis, region);
    } catch {
      // This one is away; the master is the other.
    } finally {
      redis.disconnect();
    }
  }
  throw new Error('no Redis is master');
}

/** Devices in the cache, over both regions' hashes. */
function cachedDevices(): Promise<number> {
  return onRedisMaster(
    async (redis) => (await redis.hlen('live:region1')) + (await redis.hlen('live:region2')),
  );
}

async function reportingDevices(): Promise<number> {
  const { status, body } = await system.api('/api/devices?state=OK&limit=1');
  assert.equal(status, 200);
  assert.ok(typeof body === 'object' && body !== null && 'total' in body);
  return Number(body.total);
}

describe('redis', () => {
  test('flushed, devices still answer and the cache is filled again within seconds', async (t) => {
    await underLoad(t, {}, async () => {
      const known = await reportingDevices();
      assert.ok(known > 0);
      await onRedisMaster((redis) => redis.flushall());
      assert.ok((await reportingDevices()) >= known, 'devices were forgotten with the cache');
      await until('the cache has every device again', 10_000, async () => (await cachedDevices()) >= known);
      assert.ok((await reportingDevices()) >= known);
    });
  });

  test('master killed, Sentinel moves it and live states go on', async (t) => {
    await underLoad(t, {}, async (load) => {
      const region = await onRedisMaster(async (_redis, at) => at);
      const pid = system.signal(region, 'redis', 'SIGKILL');
      await eventually('there is a master again', 20_000, () => onRedisMaster(async () => true));
      await system.restarted(region, 'redis', pid);
      await load.moreAcknowledged(RATE_PER_S);
      const sinceMs = wallMs();
      await until('the API shows a reading that came after it', 20_000, async () => {
        const newest = load.acknowledged.at(-1);
        if (newest === undefined || newest.tsMs < sinceMs) return false;
        const { body } = await system.api('/api/overview');
        const fresh = typeof body === 'object' && body !== null && 'readings_per_s' in body;
        return fresh && Number(body.readings_per_s) > 0;
      });
    });
  });
});

describe('agent', () => {
  test('killed, PostgreSQL goes on and the next agent adopts it', async (t) => {
    await underLoad(t, {}, async (load) => {
      const { leader } = await system.record();
      const postgres = system.pidOf(leader, 'postgres');
      const pid = system.signal(leader, 'agent', 'SIGKILL');
      await load.moreAcknowledged(RATE_PER_S / 2, 5_000);
      await system.restarted(leader, 'agent', pid);
      await system.inMode('strict');
      assert.equal(system.pidOf(leader, 'postgres'), postgres, 'PostgreSQL was restarted');
    });
  });
});

describe('standby', () => {
  test('frozen, writes pause, go on once the record says solo, and are strict again when it is back', async (t) => {
    await underLoad(t, {}, async (load) => {
      const standby = peerOf((await system.record()).leader);
      const frozenMs = wallMs();
      system.signalTree(standby, 'postgres', 'SIGSTOP');
      try {
        const { since, syncSet } = await system.inMode('solo');
        assert.deepEqual(syncSet, []);
        await load.moreAcknowledged(RATE_PER_S);
        // What the standby confirmed before it froze may still be on its way to the client for a moment.
        const early = load.acknowledged.filter(
          ({ atMs }) => atMs > frozenMs + 200 && atMs < Date.parse(since),
        );
        assert.equal(early.length, 0, 'acknowledged while the record promised both regions');
      } finally {
        system.signalTree(standby, 'postgres', 'SIGCONT');
      }
      assert.deepEqual((await system.inMode('strict')).syncSet, [standby]);
    });
  });

  test('killed, its agent starts it again and writes are strict again', async (t) => {
    await underLoad(t, {}, async () => {
      const standby = peerOf((await system.record()).leader);
      const pid = system.signal(standby, 'postgres', 'SIGKILL');
      await system.restarted(standby, 'postgres', pid);
      assert.deepEqual((await system.inMode('strict')).syncSet, [standby]);
    });
  });
});

describe('primary', () => {
  for (const signal of ['SIGQUIT', 'SIGKILL'] as const) {
    test(`ended with ${signal}, writes go on once there is a primary again`, async (t) => {
      await underLoad(t, {}, async (load) => {
        const { leader } = await system.record();
        const pid = system.signal(leader, 'postgres', signal);
        await system.restarted(leader, 'postgres', pid);
        await load.moreAcknowledged(RATE_PER_S);
      });
    });
  }
});

describe('region', () => {
  for (const role of ['standby', 'leader'] as const) {
    test(`its supervisor killed, the ${role}'s region comes back by itself`, async (t) => {
      await underLoad(t, {}, async (load) => {
        const { leader } = await system.record();
        const region = role === 'leader' ? leader : peerOf(leader);
        const pid = system.supervisorPid(region);
        process.kill(pid, 'SIGKILL');
        await until('it has a supervisor again', 30_000, () => system.supervisorPid(region) !== pid);
        await until('every part of it runs again', 60_000, () =>
          (['etcd', 'redis', 'sentinel', 'agent', 'ingest', 'api', 'worker', 'postgres'] as const).every(
            (name) => system.pidOf(region, name) !== null,
          ),
        );
        await load.moreAcknowledged(RATE_PER_S);
      });
    });
  }
});
