import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { every } from '../../lib/clock.ts';
import { until } from '../../lib/eventually.ts';
import { TRUSTED_PROXY_ADDRESS } from '../../lib/front-door.ts';
import { accessCode, userNamed } from '../../lib/users.ts';
import { FrontDoorClient } from './front-door-client.ts';
import { viewOf } from './metrics.ts';
import { addressOf, personOf } from './person.ts';
import { Simulation, TICK_MS } from './simulation.ts';

const SECRET = 'a secret of the test';
const USERS = 200;

type Seen = { readonly path: string; readonly from: string; readonly address: string; readonly key: string };

/** A system that knows logins, refuses the first ones, and breaks off what `broken` names. */
function fakeSystem(seen: Seen[], broken: (path: string) => boolean) {
  const sessions = new Map<string, string>();
  const login = (request: IncomingMessage, response: ServerResponse, body: string): void => {
    const { username, access_code } = JSON.parse(body);
    const user = userNamed(username);
    if (user === null || access_code !== accessCode(SECRET, username))
      return void response.writeHead(401).end('{}');
    const key = String(request.headers['idempotency-key']);
    const known = sessions.get(key);
    sessions.set(key, known ?? randomUUID());
    if (known === undefined) return void response.writeHead(503, { 'retry-after': '0' }).end('{}');
    const session = {
      session_id: known,
      user_id: user.userId,
      username,
      site_id: user.siteId,
      region: user.region,
      ip_address: request.headers['x-forwarded-for'],
      login_time: '2026-11-25T00:00:00.000Z',
    };
    response.writeHead(201, { 'content-type': 'application/json' }).end(JSON.stringify(session));
  };
  return createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (chunk: string) => {
      body += chunk;
    });
    request.on('end', () => {
      const path = request.url ?? '';
      seen.push({
        path,
        from: request.socket.remoteAddress ?? '',
        address: String(request.headers['x-forwarded-for']),
        key: String(request.headers['idempotency-key']),
      });
      if (broken(path)) request.socket.destroy();
      else if (request.method === 'POST') login(request, response, body);
      else response.writeHead(path.startsWith('/api/v1/') || !path.startsWith('/api/') ? 404 : 200).end('{}');
    });
  });
}

test('users log in over refusals, each from its own address, and failures are told from errors on purpose', async () => {
  const seen: Seen[] = [];
  const server = fakeSystem(seen, (path) => path === '/api/sites');
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const client = new FrontDoorClient({ host: '127.0.0.1', port, dashboard: 'http://localhost:3000' });
  const acknowledged: string[] = [];
  let took = 0;
  const simulation = new Simulation({
    users: USERS,
    seed: 1,
    secret: SECRET,
    client,
    arriveMs: 500,
    onAcknowledged: ({ session_id }) => acknowledged.push(session_id),
    onTook: () => took++,
  });
  const stop = new AbortController();
  every(TICK_MS, stop.signal, () => simulation.tick());
  const view = () => viewOf(simulation, null);
  try {
    await until('the users are on and something failed', 20_000, () => {
      const { users, failures, expected_errors } = view();
      return users.browsing > USERS - 10 && failures > 0 && (expected_errors[404] ?? 0) > 0;
    });
    const { requests, failures, last_failures, login_retries } = view();
    assert.ok(login_retries >= USERS - 10);
    assert.equal(new Set(acknowledged).size, acknowledged.length);
    assert.ok(acknowledged.length > USERS - 10);
    assert.ok(last_failures.every((text) => /GET \/api\/sites: (socket hang up|read ECONNRESET)/.test(text)));
    assert.ok(failures <= seen.filter(({ path }) => path === '/api/sites').length);
    assert.equal(took, requests);
    assert.ok(seen.every(({ from }) => from === TRUSTED_PROXY_ADDRESS));
    assert.equal(new Set(seen.map(({ address }) => address)).size, USERS);
    assert.ok(seen.some(({ path, address }) => path === '/.env' || address === addressOf(100)));
    const reports = Array.from({ length: 10 }, (_, index) => simulation.report(index));
    assert.equal(new Set(reports.map(({ site_id }) => site_id)).size, 10);
    const listed = reports.flatMap(({ active_users_list }) => active_users_list);
    assert.equal(listed.length, view().users.browsing);
    assert.ok(listed.every(({ session_id }) => acknowledged.includes(session_id)));
    assert.ok(client.sockets > 0);
  } finally {
    stop.abort();
    client.close();
    server.closeAllConnections();
    server.close();
  }
});

test('a request that is given up is over, and its answer is not told', async () => {
  const server = createServer(() => {});
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const client = new FrontDoorClient({ host: '127.0.0.1', port, dashboard: '' });
  try {
    let told = 0;
    const path = '/api/overview';
    const request = { kind: 'read', method: 'GET', path, expects: 200, page: null, body: null } as const;
    const arrived = new Promise((resolve) => server.once('request', resolve));
    const giveUp = client.ask(personOf(1), { ...request, idempotencyKey: null }, () => told++);
    await arrived;
    giveUp();
    await until('the connection is closed', 5_000, () => client.sockets === 0);
    assert.equal(told, 0);
  } finally {
    client.close();
    server.closeAllConnections();
    server.close();
  }
});
