/** What watches the system, and whether it tells the truth when the system is broken on purpose. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, type TestContext, test } from 'node:test';
import { Value } from 'typebox/value';
import { ProbeClient } from '../../bench/probe-client.ts';
import { AvailabilityBody, IncidentsBody } from '../../src/api/availability-schemas.ts';
import { AlertsBody, ObjectivesBody, SeriesBody, TargetsBody } from '../../src/api/observability-schemas.ts';
import { sleep, wallMs } from '../../src/lib/clock.ts';
import { eventually } from '../../src/lib/eventually.ts';
import { PANELS } from '../../src/lib/panels.ts';
import { readRunState } from '../../src/lib/run-state.ts';
import { readSecrets } from '../../src/lib/secrets.ts';
import { DATA_REGIONS, GROUPS, peerOf } from '../../src/lib/topology.ts';
import { tier0 } from './harness/command.ts';
import { api, down, inBothRegions, ledgerFailures, Pager, stored } from './harness/observed.ts';
import { type System, startSystem } from './harness/system.ts';

/** Scrapes are ten seconds apart and wait for four. */
const SEEN_MS = 40_000;
const ALERT_MS = 30_000;

let system: System;
const pager = new Pager();

before(async () => {
  await pager.listen();
  system = await startSystem({
    observability: true,
    rag: true,
    args: ['--alert-webhook', pager.url],
    env: { TIER0_PROBE_SETTLE_S: '5' },
  });
  await system.inMode('strict');
});
after(async () => {
  await system?.stop();
  pager.close();
});

const startClient = (): ProbeClient => {
  const client = new ProbeClient({ host: system.at.host, port: system.at.edge.api });
  client.start();
  return client;
};

/** The ledger of a time in which a client counted as well. */
async function compare(t: TestContext, client: ProbeClient, fromMs: number, within: number): Promise<void> {
  await client.stop();
  await stored(system);
  const failed = await ledgerFailures(system, fromMs);
  t.diagnostic(`client: ${client.sent} sent, ${client.failed} failed; ledger: ${failed} failed`);
  const differs = Math.abs(failed - client.failed);
  assert.ok(differs <= within, `the client counted ${client.failed}, the ledger ${failed}`);
}

test('every process of the plan is asked for its metrics and answers', async () => {
  const planned = GROUPS.flatMap((group) => readRunState(system.dataDir, group)?.processes ?? [])
    .filter(({ name }) => !/exporter$|^epmd$/.test(name))
    .map(({ group, name }) => `${group} ${name}`);
  const expected = [...planned, 'region1 postgres', 'region2 postgres'].sort();
  await eventually('all targets are up', 60_000, async () => {
    const { targets } = await api(system, TargetsBody, '/api/observability/targets');
    const up = targets.filter((target) => target.up).map(({ region, job }) => `${region} ${job}`);
    return JSON.stringify(up.sort()) === JSON.stringify(expected) || undefined;
  });
});

test('every panel is answered by Prometheus, and every objective measured', async () => {
  await eventually('the panels have values', 60_000, async () => {
    const { panels } = await api(system, SeriesBody, '/api/observability/series?minutes=5&points=30');
    assert.equal(panels.length, PANELS.length);
    const empty = panels.filter(({ series }) =>
      series.every(({ values }) => values.every((v) => v === null)),
    );
    // There are no users and no queue in this system.
    const expected = empty.map(({ id }) => id).filter((id) => id !== 'queue');
    return expected.length === 0 || undefined;
  });
  const { objectives } = await api(system, ObjectivesBody, '/api/observability/objectives');
  for (const { name, bad } of objectives)
    assert.notEqual(bad.find(({ window }) => window === '5m')?.ratio ?? null, null, name);
});

test('a service that hangs and does not die is seen as down, and as up when it goes on', async () => {
  system.signal('region2', 'worker', 'SIGSTOP');
  try {
    await eventually(
      'the worker is seen as down',
      SEEN_MS,
      async () => (await down(system)).includes('region2 worker') || undefined,
    );
    assert.notEqual(system.pidOf('region2', 'worker'), null, 'its supervisor has not noticed');
    assert.deepEqual(await down(system), ['region2 worker']);
    await eventually('the alert fires', SEEN_MS, async () => {
      const { alerts } = await api(system, AlertsBody, '/api/observability/alerts');
      return (
        alerts.some(({ name, state, runbook_url }) => {
          if (name !== 'TargetDown' || state !== 'firing') return false;
          assert.match(runbook_url ?? '', /\/runbooks\/target-down\.md$/);
          return true;
        }) || undefined
      );
    });
  } finally {
    system.signal('region2', 'worker', 'SIGCONT');
  }
  await eventually('nothing is down', SEEN_MS, async () => (await down(system)).length === 0 || undefined);
  const runbook = await system.get(system.at.edge.dashboard, '/runbooks/target-down.md');
  assert.match(String(runbook.body), /^# A process does not answer/);
});

describe('clean failovers', () => {
  test('are silent, and the ledger agrees with what a client counted', async (t) => {
    const fromMs = wallMs();
    const client = startClient();
    for (let move = 0; move < 4; move++) {
      const { leader } = await system.inMode('strict');
      const target = peerOf(leader);
      const { status, body } = await system.get(system.at.edge.control, `/failover/${target}`, 'POST');
      assert.equal(status, 200, JSON.stringify(body));
      await system.inMode('strict');
      await sleep(2_000);
    }
    await compare(t, client, fromMs, 1);
    assert.ok(client.sent > 20);
    assert.deepEqual(pager.pages(), []);
  });
});

test('a region that is frozen: its targets are down, nothing else is, and nobody is woken', async (t) => {
  const fromMs = wallMs();
  const { leader } = await system.inMode('strict');
  const client = startClient();
  system.signalRegion(leader, 'SIGSTOP');
  try {
    await eventually('its targets are down', SEEN_MS, async () => {
      const seen = await down(system).catch(() => []);
      return (seen.length >= 8 && seen.every((name) => name.startsWith(`${leader} `))) || undefined;
    });
    await eventually('the alert says which region', SEEN_MS, async () => {
      const { alerts } = await api(system, AlertsBody, '/api/observability/alerts');
      const region = alerts.find(({ name, state }) => name === 'RegionDown' && state === 'firing');
      return region?.labels.region === leader || undefined;
    });
  } finally {
    system.signalRegion(leader, 'SIGCONT');
  }
  await system.inMode('strict', 90_000);
  await compare(t, client, fromMs, 1);
  assert.equal(pager.pages().length, 0, pager.pages().join());
  await eventually('nothing is down', 90_000, async () => (await down(system)).length === 0 || undefined);
});

test('Prometheus is killed: the ledger goes on, and what was collected is there when it is back', async () => {
  const before = wallMs();
  const pid = system.signal('edge', 'prometheus', 'SIGKILL');
  await system.restarted('edge', 'prometheus', pid);
  const end = Math.floor(before / 1_000);
  const path = `/api/observability/series?panels=answered&minutes=1&points=12&end=${end}`;
  const { panels } = await eventually('Prometheus answers', SEEN_MS, async () => {
    const { status, body } = await system.api(path);
    return status === 200 ? Value.Parse(SeriesBody, body) : undefined;
  });
  const values = panels.flatMap(({ series }) => series.flatMap((one) => one.values));
  assert.ok(values.filter((value) => value !== null).length > 10);
  await stored(system);
});

test('while Prometheus is away the API says so in a sentence, and answers everything else', async () => {
  const pid = system.signal('edge', 'prometheus', 'SIGSTOP');
  try {
    const { status, body } = await system.api('/api/observability/objectives');
    assert.equal(status, 504);
    assert.match(JSON.stringify(body), /Prometheus does not answer/);
    await api(system, AvailabilityBody, '/api/availability');
  } finally {
    process.kill(pid, 'SIGCONT');
  }
});

test('a prober that stood still saw nothing, and nothing of that is counted as bad', async () => {
  await stored(system);
  const fromMs = wallMs();
  const pid = system.signal('edge', 'prober', 'SIGSTOP');
  await sleep(8_000);
  process.kill(pid, 'SIGCONT');
  await stored(system);
  assert.equal(await ledgerFailures(system, fromMs), 0);
  const [row] = await system.sql<{ observed: number; elapsed: number }>(
    `SELECT sum(observed_s)::integer AS observed,
       extract(epoch FROM now() - to_timestamp($1::float8))::integer AS elapsed
     FROM availability_minute WHERE minute >= to_timestamp($1::float8 - 60)`,
    [Math.floor(fromMs / 1_000)],
  );
  assert.ok((row?.observed ?? 0) < (row?.elapsed ?? 0) + 60 - 5, JSON.stringify(row));
});

test('a prober that is killed goes on where it was: what was observed is kept, in both regions', async () => {
  await stored(system);
  const [before] = await system.sql<{ observed: number }>(
    'SELECT sum(observed_s)::integer AS observed FROM availability_minute',
  );
  const pid = system.signal('edge', 'prober', 'SIGKILL');
  await system.restarted('edge', 'prober', pid);
  await stored(system);
  await inBothRegions(system);
  const [afterwards] = await system.sql<{ observed: number; runs: number }>(
    'SELECT sum(observed_s)::integer AS observed, count(DISTINCT run)::integer AS runs FROM availability_minute',
  );
  assert.ok((afterwards?.observed ?? 0) > (before?.observed ?? 0));
  assert.ok((afterwards?.runs ?? 0) >= 2);
});

test('no label names a device, a user or a request', async () => {
  const { body } = await system.get(system.at.edge.prometheus, '/api/v1/labels');
  assert.doesNotMatch(JSON.stringify(body), /"(device|user|session|request|trace)(_id)?"/);
});

test('a real outage: somebody is woken within 30 s, and the ledger has the gap that a client had', async (t) => {
  const fromMs = wallMs();
  const client = startClient();
  await sleep(3_000);
  for (const region of DATA_REGIONS) system.signal(region, 'api', 'SIGSTOP');
  const brokenMs = wallMs();
  try {
    await sleep(6_000);
  } finally {
    for (const region of DATA_REGIONS) system.signal(region, 'api', 'SIGCONT');
  }
  const paged = await eventually('somebody is woken', ALERT_MS, () =>
    pager.told.find(
      ({ labels, status }) => labels.alertname === 'AvailabilityBurnsFast' && status === 'firing',
    ),
  );
  t.diagnostic(`woken ${((paged.atMs - brokenMs) / 1_000).toFixed(1)} s after the beginning`);
  assert.ok(paged.atMs - brokenMs < ALERT_MS);
  // A request of either that was sent just before the end of the outage may have been answered just in time.
  await compare(t, client, fromMs, 2);
  assert.ok(client.failed > 0);
  const { incidents } = await api(system, IncidentsBody, '/api/availability/incidents');
  const [newest] = incidents;
  assert.ok(newest !== undefined && newest.bad_s >= 1 && newest.probes.length > 0);
  const { budget } = await api(system, AvailabilityBody, '/api/availability');
  assert.ok(budget.spent_s >= newest.bad_s);
});

test('no secret is in a log, a metric, or a support bundle', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'tier0-test-bundle-'));
  try {
    const out = join(dir, 'bundle.tar.gz');
    const { code, stderr } = await tier0(['support-bundle', '--out', out, ...system.where], 120_000);
    assert.equal(stderr, '');
    assert.equal(code, 0);
    execFileSync('tar', ['-xzf', out, '-C', dir]);
    rmSync(out);
    const files = readdirSync(dir, { recursive: true, withFileTypes: true }).filter((entry) =>
      entry.isFile(),
    );
    const names = files.map(({ parentPath, name }) => join(parentPath, name));
    const logs = readdirSync(join(system.dataDir, 'logs')).map((name) => join(system.dataDir, 'logs', name));
    const { redis, rabbitmq, postgres, users } = readSecrets(system.dataDir);
    const secrets = [redis, rabbitmq.password, rabbitmq.cookie, users, ...Object.values(postgres)];
    for (const file of [...names, ...logs]) {
      const content = readFileSync(file, 'utf8');
      for (const secret of secrets) assert.ok(!content.includes(secret), `a secret is in ${file}`);
    }
    const has = (part: string): boolean => names.some((name) => name.includes(part));
    for (const part of [
      'doctor.txt',
      'status.txt',
      'logs/region1-agent.log',
      'config/region1-redis-redis.conf',
    ])
      assert.ok(has(part), part);
    for (const part of ['metrics/region1-api.txt', 'records/status.json', 'records/availability.json'])
      assert.ok(has(part), part);
    assert.ok(!has('edge-access'), 'who asked what stays here');
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
});

test('the doctor finds nothing wrong with a healthy instance, and says what is wrong with a broken one', async () => {
  await system.inMode('strict', 60_000);
  const healthy = await tier0(['doctor', '--json', ...system.where], 60_000);
  assert.equal(healthy.code, 0, healthy.stdout);
  system.signal('witness', 'agent', 'SIGSTOP');
  try {
    await sleep(2_000);
    const { stdout } = await tier0(['doctor', ...system.where], 60_000);
    assert.match(stdout, /WARN {2}clocks +witness is not known/);
    assert.match(stdout, /→ /);
  } finally {
    system.signal('witness', 'agent', 'SIGCONT');
  }
});
