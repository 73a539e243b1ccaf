import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { UsersBody } from '../../../src/api/user-schemas.ts';
import { barShares, clockOffsetMs, meanLatencyMs, presenceOf, regionRows, siteRows } from './user-figures.ts';

const report = (site_id: string, average_latency_ms = 0): UsersBody['sites'][number] => ({
  site_id,
  at: '2026-11-16T12:00:00.000Z',
  active_users: 1,
  active_connections: 2,
  server_cpu_pct: 3,
  server_memory_gb: 4,
  average_latency_ms,
});
const body = (total_sessions: number, sites: UsersBody['sites']): UsersBody => ({
  ...{ at: '', active_users: 0, idle_users: 0, active_connections: 0, regions: [] },
  ...{ matching: 0, limit: 100, offset: 0, sessions: [] },
  total_sessions,
  sites,
});

test('nobody on is told from nobody reporting', () => {
  assert.equal(presenceOf(body(0, [])), 'silent');
  assert.equal(presenceOf(body(1, [])), 'unreported');
  assert.equal(presenceOf(body(0, [report('A')])), 'reports');
  assert.equal(presenceOf(body(1, [report('A')])), 'on');
});

test('latency without a report is unknown, not zero', () => {
  assert.equal(meanLatencyMs([]), null);
  assert.equal(meanLatencyMs([report('A', 10), report('B', 40)]), 25);
});

test('a region stays in its place when its last user leaves', () => {
  const apac = { region: 'APAC', active: 1, idle: 2 };
  const moon = { region: 'MOON', active: 3, idle: 4 };
  assert.deepEqual(regionRows(['US-WEST', 'APAC'], [moon, apac]), [
    { region: 'US-WEST', active: 0, idle: 0 },
    apac,
    moon,
  ]);
});

test('bars compare over regions and nobody on is no bar', () => {
  const rows = [
    { region: 'A', active: 3, idle: 1 },
    { region: 'B', active: 0, idle: 2 },
  ];
  assert.deepEqual(barShares(rows), [
    { active: 0.75, idle: 0.25 },
    { active: 0, idle: 0.5 },
  ]);
  assert.deepEqual(barShares([{ region: 'A', active: 0, idle: 0 }]), [{ active: 0, idle: 0 }]);
});

test('a silent site is listed as silent, an unknown one with its report', () => {
  const [known, unknown] = [report('B'), report('X')];
  assert.deepEqual(siteRows(['A', 'B'], [unknown, known]), [
    { site_id: 'A', report: null },
    { site_id: 'B', report: known },
    { site_id: 'X', report: unknown },
  ]);
});

test('an old picture does not make ages younger again', () => {
  const first = clockOffsetMs(Number.POSITIVE_INFINITY, '1970-01-01T00:00:10.000Z', 500);
  assert.equal(first, -9_500);
  assert.equal(clockOffsetMs(first, '1970-01-01T00:00:10.000Z', 2_500), first);
  assert.equal(clockOffsetMs(first, '1970-01-01T00:00:13.000Z', 3_000), -10_000);
  assert.equal(clockOffsetMs(first, 'soon', 3_000), first);
});
