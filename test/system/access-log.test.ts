/** The access log: every request that the front door answered is stored, once, whatever dies in between. */
import assert from 'node:assert/strict';
import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, type TestContext, test } from 'node:test';
import { Value } from 'typebox/value';
import { LogsBody, TopAddressesBody } from '../../src/api/log-schemas.ts';
import { pause } from '../../src/lib/clock.ts';
import { until } from '../../src/lib/eventually.ts';
import { tier0 } from './harness/command.ts';
import { type System, startSystem } from './harness/system.ts';

const RETURN_MS = 90_000;
const SHIPPED_MS = 15_000;
const EVERY_MS = 20;

let system: System;
before(async () => {
  system = await startSystem();
  await system.inMode('strict');
});
after(() => system?.stop());

async function logs(query: string): Promise<LogsBody> {
  const { status, body } = await system.api(`/api/logs?${query}`);
  assert.equal(status, 200, JSON.stringify(body));
  return Value.Parse(LogsBody, body);
}

/** How often each path that contains `part` stands in the log. */
async function timesLogged(part: string): Promise<Map<string, number>> {
  const rows = await system.sql<{ path: string; times: number }>(
    'SELECT path, count(*)::integer AS times FROM access_log WHERE strpos(path, $1) > 0 GROUP BY path',
    [part],
  );
  return new Map(rows.map(({ path, times }) => [path, times]));
}

/**
 * Requests under paths of their own, while `fault` runs and for a second after it. Ends with the ledger of what
 * was answered against what is stored.
 */
async function underRequests(t: TestContext, tag: string, fault: () => Promise<void>): Promise<void> {
  const answered = new Set<string>();
  const inFlight = new Set<Promise<void>>();
  const stop = new AbortController();
  const ask = async (path: string): Promise<void> => {
    const { status } = await system.api(path);
    assert.equal(status, 404, path);
    answered.add(path);
  };
  const sending = (async () => {
    for (let number = 0; await pause(EVERY_MS, stop.signal); number++) {
      const one = ask(`/api/devices/${tag}-${number}`).finally(() => inFlight.delete(one));
      inFlight.add(one);
    }
  })();
  try {
    await fault();
    await pause(1_000, AbortSignal.timeout(1_000));
  } finally {
    stop.abort();
    await sending;
    await Promise.all(inFlight);
  }
  await system.inMode('strict', RETURN_MS);
  let stored = new Map<string, number>();
  const missing = (): string[] => [...answered].filter((path) => !stored.has(path));
  await until('everything is shipped', SHIPPED_MS, async () => {
    stored = await timesLogged(`/${tag}-`);
    return missing().length === 0;
  }).catch(() => {});
  const doubled = [...stored.values()].filter((times) => times > 1).length;
  t.diagnostic(`ledger: answered ${answered.size}, lost ${missing().length}, duplicated ${doubled}`);
  assert.ok(answered.size > 20);
  assert.deepEqual([missing().length, doubled], [0, 0]);
}

describe('requests through the front door', () => {
  test('are in the access log within seconds, with what was asked and answered', async () => {
    // The questions themselves are logged as well.
    const seen = 'path=seen-&status_code=4xx&source=front-door';
    await system.api('/api/devices/SEEN-1');
    await system.api('/api/devices?limit=SEEN-2');
    await until('both are logged', SHIPPED_MS, async () => (await logs(seen)).total === 2);
    const { logs: entries } = await logs(seen);
    assert.deepEqual(
      entries.map(({ method, path, status_code, ip_address }) => [method, path, status_code, ip_address]),
      [
        ['GET', '/api/devices?limit=SEEN-2', 400, '127.0.0.1'],
        ['GET', '/api/devices/SEEN-1', 404, '127.0.0.1'],
      ],
    );
    assert.ok(entries.every(({ duration_ms }) => duration_ms !== null && duration_ms < 5_000));
  });

  test('none is lost and none doubled when the leading region is killed', async (t) => {
    const { leader, epoch } = await system.inMode('strict', RETURN_MS);
    await underRequests(t, 'REGION', async () => {
      system.signalRegion(leader, 'SIGKILL');
      await until('the other one leads', 30_000, async () => (await system.record()).epoch > epoch);
    });
  });

  test('none is lost and none doubled when the shipper is killed', async (t) => {
    await underRequests(t, 'SHIPPER', async () => {
      for (let times = 0; times < 3; times++) {
        const pid = system.signal('edge', 'shipper', 'SIGKILL');
        await system.restarted('edge', 'shipper', pid);
      }
    });
  });

  test('none is lost and none doubled when nginx rotates its log', async (t) => {
    await underRequests(t, 'ROTATED', async () => {
      const log = join(system.dataDir, 'logs', 'edge-access.log');
      renameSync(log, `${log}.1`);
      system.signal('edge', 'nginx', 'SIGUSR1');
      await pause(2_500, AbortSignal.timeout(2_500));
    });
  });
});

describe('tier0 import logs', () => {
  const line = (second: number, status: number, path: string): string =>
    `198.51.100.${second % 10} - - [02/Mar/2020:04:05:${String(second).padStart(2, '0')} +0000] ` +
    `"GET ${path} HTTP/1.1" ${status} 12 "-" "import"`;
  let dir: string;
  before(() => {
    dir = mkdtempSync(join(tmpdir(), 'tier0-test-logs-'));
  });
  after(() => rmSync(dir, { recursive: true, force: true }));

  const importFiles = (...args: string[]) =>
    tier0(
      ['import', 'logs', ...args, '--data-dir', system.dataDir, '--port-offset', String(system.at.offset)],
      60_000,
    );

  test('stores what can be read, says what cannot and where, and adds nothing the second time', async () => {
    const file = join(dir, 'old-site.log');
    const good = Array.from({ length: 50 }, (_, second) =>
      line(second, second % 5 === 0 ? 404 : 200, '/page'),
    );
    writeFileSync(file, [...good, 'nonsense', ''].join('\n'));
    const rejects = join(dir, 'rejects');
    const first = await importFiles(file, '--rejects', rejects);
    assert.equal(first.code, 0, first.stderr);
    assert.match(first.stdout, /51 lines .* 50 stored, 0 were there already, 1 could not be read/);
    assert.match(first.stdout, /line 51: no address/);
    const second = await importFiles(file);
    assert.match(second.stdout, /0 stored, 50 were there already/);
    assert.equal((await logs('source=old-site.log')).total, 50);
    const { status, body } = await system.api('/api/logs/addresses?source=old-site.log&limit=1');
    assert.equal(status, 200);
    const { errors, addresses } = Value.Parse(TopAddressesBody, body);
    assert.deepEqual([errors, addresses[0]?.errors, addresses[0]?.share], [10, 5, 0.5]);
  });

  test('refuses what it cannot import with one line that says why', async () => {
    for (const [args, says] of [
      [[], /takes one file or more/],
      [[join(dir, 'none.log')], /cannot import .*none\.log/],
      [[dir], /it is not a file/],
    ] as const) {
      const { code, stderr } = await importFiles(...args);
      assert.equal(code, 1);
      assert.match(stderr, says);
      assert.equal(stderr.trimEnd().split('\n').length, 1, stderr);
    }
    const empty = join(dir, 'noise.log');
    writeFileSync(empty, Buffer.from([0, 1, 2, 10, 255, 254]));
    assert.equal((await importFiles(empty)).code, 1, 'a file of which nothing could be read');
  });
});
