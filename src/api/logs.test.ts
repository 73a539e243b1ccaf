import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { pino } from 'pino';
import type { TSchema } from 'typebox';
import { Value } from 'typebox/value';
import { type AccessEntry, storeAccessEntries } from '../lib/access-log.ts';
import type { Api } from '../lib/http-app.ts';
import { LeaderPool } from '../lib/leader-pool.ts';
import type { SseClients } from '../lib/sse.ts';
import { startTestDatabase, type TestDatabase } from '../lib/test-database.ts';
import { TestWatch } from '../lib/test-watch.ts';
import { type Topology, topology } from '../lib/topology.ts';
import { LogsBody, LogTimelineBody, StatusesBody, TopAddressesBody, TopPathsBody } from './log-schemas.ts';
import { testServer } from './server.fixture.ts';

const START_MS = Date.UTC(2026, 10, 1, 10);
const MINUTE_MS = 60_000;

const entry = (number: number, change: Partial<AccessEntry>): AccessEntry => ({
  id: String(number).padStart(32, '0'),
  atMs: START_MS + number * MINUTE_MS,
  source: 'access.log',
  remote: '10.0.0.1',
  user: null,
  method: 'GET',
  path: '/',
  protocol: 'HTTP/1.1',
  status: 200,
  bytes: 100,
  referer: null,
  userAgent: 'test',
  seconds: null,
  ...change,
});

const ENTRIES = [
  entry(0, {}),
  entry(1, { path: '/wp-login.php', status: 404, remote: '203.0.113.9' }),
  entry(2, { path: '/wp-login.php', status: 404, remote: '203.0.113.9' }),
  entry(3, { path: '/.env?x=1', status: 403, remote: '203.0.113.9', method: 'POST' }),
  entry(4, { path: '/api/devices?limit=5', status: 500, remote: '2001:db8::7', seconds: 0.25 }),
  entry(5, { path: '/api/devices?limit=9', status: 200, userAgent: "Robert'); DROP TABLE access_log;--" }),
  entry(6, { path: '/moved', status: 302, source: 'front-door' }),
  entry(7, { path: '/100%_done', status: 200 }),
];

let database: TestDatabase;
let pool: LeaderPool;
let app: Api;
let streams: SseClients;

before(async () => {
  database = await startTestDatabase();
  const defaults = topology(0);
  const at: Topology = { ...defaults, region1: { ...defaults.region1, postgres: database.port } };
  pool = new LeaderPool({
    topology: at,
    watch: new TestWatch(at, { epoch: 1, leader: 'region1' }),
    user: 'tier0_api',
    password: '',
    log: pino({ level: 'silent' }),
    maxConnections: 2,
    applicationName: 'logs-test',
  });
  ({ app, streams } = await testServer({ maxStreams: 1, db: pool }));
  const client = await database.connect();
  assert.equal(await storeAccessEntries(client, ENTRIES), ENTRIES.length);
  assert.equal(await storeAccessEntries(client, ENTRIES), 0, 'what comes again changes nothing');
  await client.end();
});
after(async () => {
  streams.close();
  await app.close();
  await pool.close();
  await database.stop();
});

async function get<T extends TSchema>(schema: T, path: string) {
  const answer = await app.inject({ method: 'GET', url: path });
  assert.equal(answer.statusCode, 200, answer.body);
  return Value.Parse(schema, answer.json());
}
const search = async (query: string): Promise<string[]> => {
  const { logs } = await get(LogsBody, `/api/logs?${query}`);
  return logs.map(({ path }) => path);
};

describe('GET /api/logs', () => {
  it('gives the newest first, with how many there are', async () => {
    const body = await get(LogsBody, '/api/logs?limit=2&offset=3');
    assert.deepEqual([body.total, body.total_is_minimum, body.limit, body.offset], [8, false, 2, 3]);
    assert.deepEqual(
      body.logs.map(({ at, status_code }) => [at, status_code]),
      [
        ['2026-11-01T10:04:00.000Z', 500],
        ['2026-11-01T10:03:00.000Z', 403],
      ],
    );
    assert.equal(body.logs[0]?.duration_ms, 250);
  });

  it('filters by everything that an entry says', async () => {
    assert.deepEqual(await search('ip_address=2001:db8::7'), ['/api/devices?limit=5']);
    assert.deepEqual(await search('status_code=403'), ['/.env?x=1']);
    assert.deepEqual(await search('status_code=4xx'), ['/.env?x=1', '/wp-login.php', '/wp-login.php']);
    assert.deepEqual(await search('method=post'), ['/.env?x=1']);
    assert.deepEqual(await search('path=/API/'), ['/api/devices?limit=9', '/api/devices?limit=5']);
    assert.deepEqual(await search('source=front-door'), ['/moved']);
    assert.deepEqual(await search('from=2026-11-01T10:02:00Z&to=2026-11-01T10:03:00Z'), ['/wp-login.php']);
    assert.deepEqual(await search('search=203.0.113&status_code=404&limit=1'), ['/wp-login.php']);
  });

  it('takes SQL and its wildcards as what they are: text', async () => {
    assert.deepEqual(await search(`search=${encodeURIComponent("'); DROP TABLE access_log;--")}`), [
      '/api/devices?limit=9',
    ]);
    assert.deepEqual(await search(`path=${encodeURIComponent('100%_')}`), ['/100%_done']);
    assert.deepEqual(await search('path=%25'), ['/100%_done']);
    assert.deepEqual(await search('ip_address=%27%20OR%201=1'), []);
    assert.equal((await search('limit=100')).length, ENTRIES.length);
  });

  it('names the parameter that is wrong', async () => {
    const wrong: Readonly<Record<string, string>> = {
      'limit=0': 'limit',
      'limit=1001': 'limit',
      'offset=-1': 'offset',
      'offset=100001': 'offset',
      'status_code=42': 'status_code',
      'status_code=9xx': 'status_code',
      'method=GET%20': 'method',
      'from=yesterday': 'from',
      'from=2026-11-01T10:00:00Z&to=2026-11-01T10:00:00Z': 'to',
      'search=%00': 'search',
      'nonsense=1': 'nonsense',
    };
    for (const [query, field] of Object.entries(wrong)) {
      const answer = await app.inject({ method: 'GET', url: `/api/logs?${query}` });
      assert.equal(answer.statusCode, 400, query);
      assert.equal(answer.json().field, field, query);
    }
  });
});

describe('aggregates of the access log', () => {
  it('which addresses are generating the most errors, with their share and what they hit', async () => {
    assert.deepEqual(await get(TopAddressesBody, '/api/logs/addresses?limit=1'), {
      errors: 4,
      addresses: [
        {
          ip_address: '203.0.113.9',
          errors: 3,
          client_errors: 3,
          server_errors: 0,
          share: 0.75,
          top_paths: [
            { path: '/wp-login.php', errors: 2 },
            { path: '/.env?x=1', errors: 1 },
          ],
        },
      ],
    });
    const none = await get(TopAddressesBody, '/api/logs/addresses?source=other.log');
    assert.deepEqual(none, { errors: 0, addresses: [] });
  });

  it('requests by status', async () => {
    const { statuses } = await get(StatusesBody, '/api/logs/statuses?path=/api/');
    assert.deepEqual(statuses, [
      { status_code: 200, requests: 1 },
      { status_code: 500, requests: 1 },
    ]);
  });

  it('paths by requests or errors, without their query strings', async () => {
    const { paths } = await get(TopPathsBody, '/api/logs/paths?limit=2');
    assert.deepEqual(paths, [
      { path: '/api/devices', requests: 2, errors: 1, bytes: 200 },
      { path: '/wp-login.php', requests: 2, errors: 2, bytes: 200 },
    ]);
    const worst = await get(TopPathsBody, '/api/logs/paths?limit=1&order=errors');
    assert.equal(worst.paths[0]?.path, '/wp-login.php');
  });

  it('requests over time, in buckets that lose none and leave none out', async () => {
    const body = await get(LogTimelineBody, '/api/logs/timeline?points=8');
    assert.equal(body.bucket_s, 60);
    assert.equal(body.timestamps.length, 8);
    assert.equal(body.timestamps[0], START_MS / 1_000);
    assert.deepEqual(body.client_error, [0, 1, 1, 1, 0, 0, 0, 0]);
    assert.deepEqual(body.server_error, [0, 0, 0, 0, 1, 0, 0, 0]);
    assert.deepEqual(body.redirect, [0, 0, 0, 0, 0, 0, 1, 0]);
    assert.deepEqual(body.success, [1, 0, 0, 0, 0, 1, 0, 1]);
    const coarse = await get(LogTimelineBody, '/api/logs/timeline?points=2');
    assert.ok(coarse.timestamps.length <= 2);
    const none = await get(LogTimelineBody, '/api/logs/timeline?source=other.log');
    assert.deepEqual([none.from, none.timestamps], [null, []]);
  });
});
