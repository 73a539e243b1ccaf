/** The HTTP API from outside: bad input is told what is wrong with it, and live streams are live. */
import assert from 'node:assert/strict';
import { get, type IncomingMessage } from 'node:http';
import { createInterface } from 'node:readline';
import { after, before, describe, test } from 'node:test';
import { monotonicMs, wallMs } from '../../src/lib/clock.ts';
import { eventually } from '../../src/lib/eventually.ts';
import { connectClient, publish } from './harness/client.ts';
import { tier0 } from './harness/command.ts';
import { validReading } from './harness/reading.ts';
import { type Answer, type System, startSystem } from './harness/system.ts';

let system: System;
before(async () => {
  system = await startSystem();
  await system.inMode('strict');
});
after(() => system?.stop());

const LIVE_MS = 2_000;

function assertRefused({ status, body }: Answer, expected: number, error: string, field?: string): void {
  assert.equal(status, expected, JSON.stringify(body));
  assert.ok(typeof body === 'object' && body !== null && 'error' in body && 'message' in body);
  assert.equal(body.error, error);
  assert.ok(typeof body.message === 'string' && body.message !== '');
  assert.doesNotMatch(JSON.stringify(body), /node_modules|\.ts:|at .*\(/, 'a stack trace');
  if (field !== undefined) assert.equal('field' in body ? body.field : undefined, field);
}

const BAD_QUERIES: readonly (readonly [path: string, field: string])[] = [
  ['/api/devices?limit=0', 'limit'],
  ['/api/devices?limit=1001', 'limit'],
  ['/api/devices?limit=ten', 'limit'],
  ['/api/devices?limit=1.5', 'limit'],
  ['/api/devices?offset=-1', 'offset'],
  ['/api/devices?offset=1e99', 'offset'],
  ['/api/devices?state=FINE', 'state'],
  ['/api/devices?device_type=rocket', 'device_type'],
  ['/api/devices?colour=red', 'colour'],
  [`/api/devices?search=${'x'.repeat(65)}`, 'search'],
  [`/api/devices?device_id=${'x'.repeat(4_000)}`, 'device_id'],
  ['/api/devices/TURB-00001/history?from=yesterday', 'from'],
  ['/api/devices/TURB-00001/history?from=2026-13-01T00:00:00Z', 'from'],
  ['/api/devices/TURB-00001/history?to=1700000000', 'to'],
  ['/api/devices/TURB-00001/history?points=1', 'points'],
  ['/api/devices/TURB-00001/history?points=1000000', 'points'],
  ['/api/rejects?limit=-5', 'limit'],
  [`/api/rejects?reason=${'x'.repeat(65)}`, 'reason'],
  ['/api/rejects?reason=%00', 'reason'],
  ['/api/stream/devices?limit=201', 'limit'],
  ['/api/sites?verbose=1', 'verbose'],
];

describe('bad input', () => {
  for (const [path, field] of BAD_QUERIES) {
    const shown = path.length > 60 ? `${path.slice(0, 60)}…` : path;
    test(`GET ${shown} is a 400 that names ${field}`, async () => {
      assertRefused(await system.api(path), 400, 'invalid_field', field);
    });
  }

  test('a device that does not exist is a 404', async () => {
    assertRefused(await system.api('/api/devices/TURB-99999'), 404, 'not_found');
    assertRefused(await system.api('/api/devices/TURB-99999/history'), 404, 'not_found');
  });

  test('a path that does not exist is a 404', async () => {
    assertRefused(await system.api('/api/nothing'), 404, 'not_found');
    assertRefused(await system.api('/api/devices/TURB-00001/nothing'), 404, 'not_found');
  });

  for (const method of ['POST', 'PUT', 'DELETE', 'PATCH']) {
    test(`${method} on what can only be read is a 405`, async () => {
      const answer = await system.get(system.at.edge.api, '/api/devices', method);
      assertRefused(answer, 405, 'method_not_allowed');
    });
  }

  const HOSTILE = [
    "' OR 1=1 --",
    "'; DROP TABLE reading; --",
    '%',
    '_____',
    '\\',
    '$1',
    '../../etc/passwd',
    '<script>alert(1)</script>',
    '\u{1F525}',
    '\u0000',
    'x'.repeat(60),
  ];

  test('SQL metacharacters and other hostile text find nothing and break nothing', async () => {
    for (const text of HOSTILE) {
      const value = encodeURIComponent(text);
      for (const path of [
        `/api/devices?search=${value}`,
        `/api/devices?device_id=${value}`,
        `/api/devices?site_id=${value}`,
        `/api/rejects?reason=${value}`,
        `/api/devices/${value}`,
        `/api/devices/${value}/history`,
      ]) {
        const { status, body } = await system.api(path);
        assert.ok([200, 400, 404].includes(status), `${path}: ${status} ${JSON.stringify(body)}`);
        const total = typeof body === 'object' && body !== null && 'total' in body ? body.total : 0;
        assert.equal(total, 0, `${path} found something`);
      }
    }
    const [row] = await system.sql<{ count: number }>('SELECT count(*)::integer AS count FROM device');
    assert.equal(row?.count, 100_000);
  });

  test('a path and a header that are far too long are refused as such', async () => {
    const { status } = await system.api(`/api/devices/${'x'.repeat(20_000)}`);
    assert.ok(status >= 400 && status < 500, String(status));
  });

  test('an escape that is none is a 400', async () => {
    const { status } = await system.api('/api/devices/%E0%A4%A');
    assert.ok(status === 400 || status === 404, String(status));
  });
});

describe('documents', () => {
  test('/openapi.json describes the routes and /docs shows them', async () => {
    const { status, body } = await system.api('/openapi.json');
    assert.equal(status, 200);
    assert.ok(typeof body === 'object' && body !== null && 'paths' in body);
    const paths = Object.keys(body.paths ?? {});
    for (const path of ['/health', '/api/devices', '/api/devices/{id}/history', '/api/sites'])
      assert.ok(paths.includes(path), `${path} is not among ${paths.join(', ')}`);
    const docs = await system.api('/docs/');
    assert.equal(docs.status, 200);
    assert.match(String(docs.body), /swagger-ui/);
  });

  test('/health says what the API needs and that it is there', async () => {
    const { status, body } = await system.api('/health');
    assert.equal(status, 200);
    assert.ok(typeof body === 'object' && body !== null && 'status' in body && 'services' in body);
    assert.equal(body.status, 'healthy');
  });

  test('the dashboard is served', async () => {
    const { status, body } = await system.get(system.at.edge.dashboard, '/');
    assert.equal(status, 200);
    assert.match(String(body), /<div id="root"|<main|<script/);
  });
});

type Event = { readonly event: string; readonly data: unknown; readonly atMs: number };

/** Opens an event stream through the front door. */
async function openStream(path: string): Promise<{ events: Event[]; close(): void }> {
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    const request = get({ host: system.at.host, port: system.at.edge.dashboard, path, agent: false });
    request.once('response', resolve).once('error', reject);
  });
  assert.equal(response.statusCode, 200);
  assert.match(response.headers['content-type'] ?? '', /^text\/event-stream/);
  const events: Event[] = [];
  let event = '';
  createInterface({ input: response }).on('line', (line) => {
    if (line.startsWith('event: ')) event = line.slice('event: '.length);
    if (!line.startsWith('data: ')) return;
    events.push({ event, data: JSON.parse(line.slice('data: '.length)), atMs: monotonicMs() });
  });
  // Closing it cuts the connection, which the response reports as an error.
  response.on('error', () => {});
  return { events, close: () => response.destroy() };
}

describe('streams', () => {
  test('/api/stream gives an overview at once and then every second', async () => {
    const openedMs = monotonicMs();
    const stream = await openStream('/api/stream');
    try {
      const times = await eventually('three overviews', 3 * LIVE_MS, () => {
        const overviews = stream.events.filter(({ event }) => event === 'overview');
        return overviews.length >= 3 ? overviews.map(({ atMs }) => atMs) : undefined;
      });
      times.reduce((lastMs, atMs) => {
        assert.ok(atMs - lastMs < LIVE_MS, `${Math.round(atMs - lastMs)} ms without an overview`);
        return atMs;
      }, openedMs);
      assert.ok(stream.events.some(({ event }) => event === 'sites'));
    } finally {
      stream.close();
    }
  });

  /** Opens the stream, sends a reading, and gives the milliseconds until an event holds its timestamp. */
  async function changeAfterMs(path: string, deviceNo: number): Promise<number> {
    const stream = await openStream(path);
    const client = await connectClient(system.at.host, system.at.region1.ingestMqtt, 5);
    try {
      await eventually('the stream has begun', 5_000, () => stream.events[0]);
      const { topic, message } = validReading(deviceNo, wallMs());
      const sentMs = monotonicMs();
      assert.equal(await publish(client, topic, JSON.stringify(message)), 'acknowledged');
      const change = await eventually('the stream shows the reading', 5_000, () =>
        stream.events.find(({ data }) => JSON.stringify(data).includes(message.timestamp_utc)),
      );
      return change.atMs - sentMs;
    } finally {
      await client.endAsync(true);
      stream.close();
    }
  }

  test('a device that is followed changes within 2 s of its reading', async () => {
    const tookMs = await changeAfterMs('/api/stream/devices/TURB-00042', 42);
    assert.ok(tookMs < LIVE_MS, `${Math.round(tookMs)} ms`);
  });

  test('a page of devices changes within 2 s of the reading of one on it', async () => {
    const tookMs = await changeAfterMs('/api/stream/devices?search=TURB-0004&limit=10', 43);
    assert.ok(tookMs < LIVE_MS, `${Math.round(tookMs)} ms`);
  });
});

test('one id follows a write from the front door into the database', async () => {
  const response = await fetch(`http://${system.at.host}:${system.at.edge.api}/api/write-probes`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-request-id': 'chosen by the client' },
    body: JSON.stringify({ writer: 'one-id', seq: 1 }),
  });
  assert.equal(response.status, 201);
  const id = response.headers.get('x-request-id') ?? '';
  assert.match(id, /^[0-9a-f]{32}$/, 'the front door gives it, whatever the client says');
  const rows = await system.sql('SELECT FROM idempotency_key WHERE key = $1', [id]);
  assert.equal(rows.length, 1);
  const log = await tier0(['logs', '--grep', id, '--since', '5m', ...system.where], 30_000);
  assert.match(log.stdout, /"role":"nginx"/);
});
