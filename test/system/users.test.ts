/** Users at work while regions are lost and moved: what they notice, and whether what they did is stored. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { Type } from 'typebox';
import { Value } from 'typebox/value';
import { until } from '../../src/lib/eventually.ts';
import { readUserLedger } from '../../src/simulators/users/ledger.ts';
import { tier0 } from './harness/command.ts';
import { type System, startSystem } from './harness/system.ts';

const USERS = 200;
const JOIN_MS = 180_000;
const DRILL_MS = 150_000;
const STORED_MS = 60_000;
const View = Type.Object({
  requests: Type.Integer(),
  failures: Type.Integer(),
  last_failures: Type.Array(Type.String()),
  latency_ms: Type.Object({ worst: Type.Number() }),
  reports: Type.Object({ confirmed: Type.Integer(), dropped: Type.Integer() }),
});

let system: System;
const dir = mkdtempSync(join(tmpdir(), 'tier0-test-users-'));
const ledgerFile = join(dir, 'ledger');

const view = async () => Value.Parse(View, (await system.get(system.at.simulator.users, '/health')).body);

before(async () => {
  const env = { TIER0_USERS_LEDGER: ledgerFile };
  system = await startSystem({ simulators: true, rate: 100, users: USERS, rabbitmq: true, env });
  await system.inMode('strict');
  await until('sites report', JOIN_MS, async () => (await view()).reports.confirmed > 0);
});
after(async () => {
  await system?.stop();
  rmSync(dir, { recursive: true, force: true });
});

describe('users notice a pause and no error', () => {
  for (const fault of ['kill', 'freeze', 'switchover']) {
    test(fault, async (t) => {
      await system.inMode('strict', 90_000);
      const { requests } = await view();
      const load = ['--writes', '20', '--telemetry', '100', '--freeze-ms', '4000'];
      const { code, stdout } = await tier0(['drill', fault, ...load, ...system.where], DRILL_MS);
      assert.equal(code, 0, stdout);
      const { failures, last_failures, latency_ms, requests: now } = await view();
      t.diagnostic(`${now - requests} requests, worst since the start ${latency_ms.worst} ms`);
      assert.equal(failures, 0, last_failures.join('\n'));
      assert.ok(now > requests);
    });
  }
});

test('every session event and report that was acknowledged is stored', async (t) => {
  await system.inMode('strict', 90_000);
  const entries = await readUserLedger(ledgerFile);
  const sessions = entries.flatMap((entry) => (entry.kind === 'report' ? [] : [entry]));
  const reports = entries.flatMap((entry) => (entry.kind === 'report' ? [entry.message_id] : []));
  const lost = async (): Promise<[sessions: number, reports: number]> => {
    const [row] = await system.sql<{ sessions: number; reports: number }>(
      `SELECT
         (SELECT count(*)::integer FROM unnest($1::uuid[], $2::text[]) AS said (session_id, kind)
          WHERE NOT EXISTS (SELECT FROM user_event AS e WHERE e.session_id = said.session_id AND e.kind = said.kind))
           AS sessions,
         (SELECT count(*)::integer FROM unnest($3::uuid[]) AS said (message_id)
          WHERE NOT EXISTS (SELECT FROM user_event AS e WHERE e.message_id = said.message_id)) AS reports`,
      [sessions.map((entry) => entry.session_id), sessions.map((entry) => entry.kind), reports],
    );
    return [row?.sessions ?? -1, row?.reports ?? -1];
  };
  assert.ok(sessions.length >= USERS / 2 && reports.length > 0);
  try {
    await until('all of it is stored', STORED_MS, async () => (await lost()).every((count) => count === 0));
  } finally {
    t.diagnostic(
      `acknowledged ${sessions.length} session events and ${reports.length} reports, lost ${await lost()}`,
    );
  }
});

test('every request that was answered is in the access log, once', async (t) => {
  const logged = async (): Promise<number> => {
    const [row] = await system.sql<{ logged: number }>(
      "SELECT count(*)::integer AS logged FROM access_log WHERE remote LIKE '198.1%' OR remote LIKE '192.0.2.%'",
    );
    return row?.logged ?? 0;
  };
  const { requests } = await view();
  await until('they are in the log', STORED_MS, async () => (await logged()) >= requests);
  const entries = await logged();
  // What was sent meanwhile may be in the log, and nothing else.
  const { requests: later } = await view();
  t.diagnostic(`answered ${requests}, logged ${entries}, sent by then ${later}`);
  const begun = later + USERS;
  assert.ok(entries <= begun, `${entries} entries of ${begun} requests`);
});
