import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { answerFromData, type DataDeps } from './answer.ts';
import { assertNumbersStand, databaseDeps, type ReaderFixture, startReader } from './database.fixture.ts';
import { planLogs } from './logs.ts';
import { asked } from './question.ts';

const NOW_MS = Date.parse('2026-11-25T12:00:00Z');
const ENTRIES = `
  INSERT INTO access_log (entry_id, at, source, remote, method, path, protocol, status, bytes, user_agent, seconds)
  SELECT gen_random_uuid(), '2026-11-25T12:00:00Z'::timestamptz - ago, 'front-door', remote, method, path, 'HTTP/1.1',
         status, 100, agent, seconds
  FROM (VALUES
    (interval '1 minute',   '203.0.113.9', 'POST', '/login',            401, 'curl/8.1', 0.010),
    (interval '2 minutes',  '203.0.113.9', 'POST', '/login',            401, 'curl/8.1', 0.020),
    (interval '3 minutes',  '203.0.113.9', 'GET',  '/admin',            404, 'curl/8.1', 0.005),
    (interval '2 hours',    '198.51.100.7','GET',  '/api/sites',        503, 'Firefox',  0.900),
    (interval '2 hours',    '198.51.100.7','GET',  '/api/sites?x=1',    200, 'Firefox',  0.300),
    (interval '3 hours',    '198.51.100.7','GET',  '/',                 200, 'Firefox',  0.001),
    (interval '30 hours',   '192.0.2.1',   'GET',  '/api/devices?a=1',  200, NULL,       NULL),
    (interval '30 hours',   '192.0.2.1',   'GET',  '/api/devices?a=2',  200, NULL,       NULL),
    (interval '31 hours',   '192.0.2.1',   'GET',  '/api/devices?a=3',  200, NULL,       NULL),
    (interval '31 hours',   '192.0.2.1',   'GET',  '/api/devices?a=4',  301, NULL,       NULL)
  ) AS entry (ago, remote, method, path, status, agent, seconds)`;

let fixture: ReaderFixture;
let deps: DataDeps;

before(async () => {
  fixture = await startReader();
  deps = databaseDeps(fixture, NOW_MS);
});
after(() => fixture.stop());

const ask = (question: string) => answerFromData('logs', question, deps);
const intentOf = (question: string) => planLogs(asked(question, NOW_MS))?.intent;

test('an empty log is told, not answered with zeros', async () => {
  const answer = await ask('Which IP addresses are generating the most errors?');
  assert.equal(answer.refused, true);
  assert.match(answer.answer, /no entries yet/);
});

describe('with entries', () => {
  before(() => fixture.admin.query(ENTRIES));

  test('the addresses with the most errors come with counts, shares and what they hit', async () => {
    const { answer, data } = await ask('Which IP addresses are generating the most errors?');
    assert.match(
      answer,
      /^203\.0\.113\.9 caused the most errors: 3, 75 % of all; .*\/login \(2\), \/admin \(1\)/,
    );
    assert.deepEqual(data[0]?.rows, [
      { address: '203.0.113.9', requests: 3, share: 0.75, hits: '/login (2), /admin (1)' },
      { address: '198.51.100.7', requests: 1, share: 0.25, hits: '/api/sites (1)' },
    ]);
    assert.equal(data[0]?.explanation, 'access log, everything that is kept, statuses 400-599 (errors)');
  });

  test('a number of rows, a status, a method, a path, an address and a time of the question bound the query', async () => {
    assert.deepEqual((await ask('top 1 IP addresses by requests')).data[0]?.rows.length, 1);
    assert.match(
      (await ask('How many requests had status 401?')).answer,
      /^There were 2 requests of that kind, 20 % of 10/,
    );
    assert.match((await ask('How many POST requests were there?')).answer, /^There were 2 /);
    assert.match((await ask('How many requests to /api/devices?')).answer, /^There were 4 /);
    assert.match(
      (await ask('How many errors did 198.51.100.7 cause?')).answer,
      /^There was 1 error, 33\.3 % of 3/,
    );
    assert.match((await ask('How many requests in the last hour?')).answer, /^There were 3 /);
    assert.match(
      (await ask('How many requests yesterday?')).answer,
      /^There were 4 .*yesterday \(2026-11-24, UTC\)/,
    );
    assert.match((await ask('How many client errors today?')).answer, /^There were 3 /);
  });

  test('paths are counted without what follows a question mark', async () => {
    assert.match((await ask('Which paths are requested the most?')).answer, /is \/api\/devices: 4 requests/);
    assert.match((await ask('Which paths have the most errors?')).answer, /is \/login: 2 requests, 2 errors/);
  });

  test('the slowest paths are in milliseconds, and those without a duration are left out', async () => {
    const { answer, data } = await ask('Which paths are the slowest?');
    assert.match(
      answer,
      /^\/api\/sites is the slowest path on average: 600 ms over 2 requests .*longest 900 ms/,
    );
    assert.equal(
      data[0]?.rows.some(({ path }) => path === '/api/devices'),
      false,
    );
  });

  test('errors over time are a line with the empty hours in it', async () => {
    const { data } = await ask('How did errors develop over the last 24 hours?');
    const [line] = data;
    assert.equal(line?.chart?.kind, 'line');
    assert.equal(line?.rows.length, 48);
    assert.equal(
      line?.rows.reduce((sum, { errors }) => sum + Number(errors), 0),
      4,
    );
  });

  test('nothing that matches is an answer, and says what was looked for', async () => {
    const answer = await ask('How many requests had status 418?');
    assert.equal(answer.refused, false);
    assert.match(answer.answer, /No request matches \(access log, everything that is kept, status 418\)/);
  });

  test('every number of every answer stands in its table', async () => {
    const questions = [
      ...['Which IP addresses are generating the most errors?', 'Which clients make the most requests?'],
      ...['status code distribution', 'What is the error rate?', 'requests by method', 'top 3 user agents'],
      ...[
        'slowest paths',
        'requests per hour',
        'errors over time',
        'How many different IP addresses are there?',
      ],
      ...['What did 203.0.113.9 request?', 'failed logins', 'show the latest errors', 'How many 404s today?'],
      ...['Which paths transferred the most bytes?', 'How many requests since 2026-11-24?', '404'],
    ];
    for (const question of questions) {
      const answer = await ask(question);
      assert.equal(answer.refused, false, question);
      assert.notEqual(answer.data.length, 0, question);
      assertNumbersStand(answer);
    }
  });

  test('SQL in a question is words, and no table is harmed', async () => {
    const attacks = [
      "'; DROP TABLE access_log; --",
      'How many requests to /x"); DELETE FROM access_log; --',
      "How many requests to /' OR '1'='1",
      'top 5 IP addresses; UPDATE access_log SET status = 200',
    ];
    for (const question of attacks) await ask(question);
    const { rows } = await fixture.admin.query<{ entries: number }>(
      'SELECT count(*)::integer AS entries FROM access_log WHERE status <> 200',
    );
    assert.equal(rows[0]?.entries, 5);
  });

  test('the role that asks cannot write, nor read what questions are not about', async () => {
    const statements = [
      'DELETE FROM access_log',
      'UPDATE access_log SET status = 200',
      "INSERT INTO image_record VALUES (gen_random_uuid(), now(), 'a', 'b', '{}')",
      'DROP TABLE access_log',
      'TRUNCATE image_record',
      'CREATE TABLE mine (a integer)',
      'SELECT content FROM document_file',
      'SELECT username FROM user_session',
    ];
    for (const statement of statements) {
      await assert.rejects(fixture.reader.query(statement), /permission denied|must be owner/, statement);
    }
  });

  test('a query that does not end in time is refused as unavailable', async () => {
    const stuck = { ...deps, db: { query: () => new Promise<never>(() => {}) }, timeoutMs: 20 };
    await assert.rejects(answerFromData('logs', 'slowest paths', stuck), /did not answer in 20 ms/);
  });
});

test('a status that does not exist, and a question about something else, are refused with what can be asked', async () => {
  const impossible = await ask('How many requests had status 999?');
  assert.equal(impossible.refused, true);
  assert.match(impossible.answer, /999 is not a status/);
  const other = await ask('Who won the match?');
  assert.equal(other.refused, true);
  assert.notEqual(other.suggestions.length, 0);
  for (const suggestion of other.suggestions) assert.notEqual(intentOf(suggestion), undefined, suggestion);
});

test('questions are understood as what they mean', () => {
  const meant: readonly (readonly [string, string])[] = [
    ['Which IP addresses are generating the most errors?', 'top_addresses'],
    ['Who is causing the errors?', 'top_addresses'],
    ['How many unique visitors were there last week?', 'different_addresses'],
    ['How many requests per hour?', 'over_time'],
    ['How many requests per status?', 'statuses'],
    ['How many requests by method?', 'methods'],
    ['How many requests per IP address?', 'top_addresses'],
    ['Which endpoint returns the most server errors?', 'top_paths'],
    ['What is the p95 response time?', 'slowest_paths'],
    ['Which browsers are used?', 'user_agents'],
    ['Show the last 20 errors', 'newest_entries'],
    ['What percentage of requests fail?', 'statuses'],
  ];
  for (const [question, expected] of meant) assert.equal(intentOf(question), expected, question);
});
