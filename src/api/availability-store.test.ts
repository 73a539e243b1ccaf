import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, beforeEach, describe, it } from 'node:test';
import type pg from 'pg';
import type { Database } from '../lib/bounded-leader.ts';
import { startTestDatabase, type TestDatabase } from '../lib/test-database.ts';
import { readAvailability, readAvailabilityTimeline, readIncidents } from './availability-store.ts';

const RUN = randomUUID();
/** A full minute of 2026, Unix seconds. */
const NOW_S = 1_795_000_020;

let database: TestDatabase;
let client: pg.Client;
let db: Database;
before(async () => {
  database = await startTestDatabase();
  client = await database.connect();
  db = { query: (text, values = []) => client.query(text, [...values]) };
});
after(async () => {
  await client?.end();
  await database?.stop();
});
beforeEach(() => client.query('TRUNCATE availability_minute, availability_failure, drill_report'));

const minute = (at: number, observed: number, bad = 0, run = RUN): Promise<unknown> =>
  client.query(
    'INSERT INTO availability_minute VALUES (to_timestamp($1), $2, $3, $4, $5, $6, to_timestamp($7))',
    [at, run, observed, bad, observed * 4 - bad, bad, at + observed - 1],
  );
const failed = (at: number, probe = 'write', failure = 'HTTP 503'): Promise<unknown> =>
  client.query('INSERT INTO availability_failure VALUES (to_timestamp($1), $2, $3, $4, 12)', [
    at,
    probe,
    RUN,
    failure,
  ]);

describe('the ledger, read', () => {
  it('is nothing before the first second', async () => {
    const { since, last_observed_at, windows, budget } = await readAvailability(db, NOW_S * 1_000);
    assert.deepEqual([since, last_observed_at, budget.spent_s], [null, null, 0]);
    for (const { observed_s, unobserved_s, availability } of windows)
      assert.deepEqual([observed_s, unobserved_s, availability], [0, 0, null]);
  });

  it('tells observed, bad and unobserved seconds apart in each window', async () => {
    await minute(NOW_S - 7_200, 60, 2);
    await minute(NOW_S - 600, 60);
    await minute(NOW_S - 540, 30, 1);
    const body = await readAvailability(db, NOW_S * 1_000);
    const [hour, day] = body.windows;
    assert.deepEqual([hour?.observed_s, hour?.bad_s, hour?.unobserved_s], [90, 1, 3_510]);
    assert.deepEqual([day?.observed_s, day?.bad_s, day?.unobserved_s], [150, 3, 7_050]);
    assert.equal(body.budget.spent_s, 3);
    assert.equal(body.last_observed_at, new Date((NOW_S - 511) * 1_000).toISOString());
  });

  it('counts a minute that was lived twice, because the clock went back, twice', async () => {
    await minute(NOW_S - 60, 60);
    await minute(NOW_S - 60, 40, 0, randomUUID());
    const { windows } = await readAvailability(db, NOW_S * 1_000);
    assert.equal(windows[0]?.observed_s, 100);
    assert.equal(windows[0]?.unobserved_s, 0);
  });

  it('burns down from what was left before', async () => {
    await minute(NOW_S - 7_200, 60, 1);
    await minute(NOW_S - 600, 60, 2);
    const { budget_left_s, bad_s } = await readAvailabilityTimeline(
      db,
      { hours: 1, points: 60 },
      NOW_S * 1_000,
    );
    assert.ok(Math.abs((budget_left_s[0] ?? 0) - 2.156) < 0.001);
    assert.ok(Math.abs((budget_left_s.at(-1) ?? 0) - 0.156) < 0.001);
    assert.equal(
      bad_s.reduce((sum, one) => sum + one, 0),
      2,
    );
  });
});

describe('incidents', () => {
  it('are bad seconds that are near each other, newest first, each second spent once', async () => {
    for (const [at, probe, failure] of [
      [1_000, 'write', 'HTTP 503'],
      [100, 'write', 'HTTP 503'],
      [100, 'read', 'HTTP 503'],
      [102, 'read', 'late'],
      [160, 'write', 'HTTP 503'],
    ] as const)
      await failed(at, probe, failure);
    const { total, incidents } = await readIncidents(db, 20);
    assert.equal(total, 2);
    const [second, first] = incidents;
    assert.equal(second?.started_at, '1970-01-01T00:16:40.000Z');
    assert.equal(first?.bad_s, 3);
    assert.equal(first?.failed_requests, 4);
    assert.equal(first?.ended_at, '1970-01-01T00:02:41.000Z');
    assert.deepEqual(first?.probes, ['read', 'write']);
    assert.deepEqual(first?.failures, [
      { failure: 'HTTP 503', count: 3 },
      { failure: 'late', count: 1 },
    ]);
    assert.ok(Math.abs((first?.budget_share ?? 0) - 3 / 3.15576) < 1e-6);
    const limited = await readIncidents(db, 1);
    assert.deepEqual([limited.total, limited.incidents.length], [2, 1]);
  });

  it('name the drill that ran meanwhile', async () => {
    await client.query(
      `INSERT INTO drill_report VALUES ('kill-1', to_timestamp(90), to_timestamp(120), 'kill', 'leader', 'passed', '{}', '{}'),
        ('kill-2', to_timestamp(500), to_timestamp(600), 'kill', 'leader', 'passed', '{}', '{}')`,
    );
    await failed(100);
    await failed(300);
    const { incidents } = await readIncidents(db, 20);
    assert.deepEqual(
      incidents.map(({ drill_id }) => drill_id),
      [null, 'kill-1'],
    );
  });

  it('are none when nothing failed', async () =>
    assert.deepEqual(await readIncidents(db, 20), { total: 0, incidents: [] }));

  it('of a day are gathered in seconds', async () => {
    await client.query(
      `INSERT INTO availability_failure SELECT to_timestamp(n), probe, $1::uuid, 'HTTP 503', 5
       FROM generate_series(1, 86400) n, unnest(ARRAY['read', 'write', 'ask', 'publish']) AS probe`,
      [RUN],
    );
    const { total, incidents } = await readIncidents(db, 20);
    assert.deepEqual([total, incidents[0]?.bad_s, incidents[0]?.failed_requests], [1, 86_400, 345_600]);
  });
});
