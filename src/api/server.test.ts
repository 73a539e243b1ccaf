import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { Value } from 'typebox/value';
import type { Api } from '../lib/http-app.ts';
import { ErrorBody } from '../lib/http-schemas.ts';
import { DevicesPage } from './schemas.ts';
import { type TestServer, testServer } from './server.fixture.ts';

let app: Api;
let streams: TestServer['streams'];
let cluster: TestServer['cluster'];

before(async () => {
  ({ app, streams, cluster } = await testServer({ maxStreams: 2 }));
});

after(async () => {
  streams.close();
  await app.close();
});

const errorOf = (payload: string): ErrorBody => Value.Parse(ErrorBody, JSON.parse(payload));

describe('bad input', () => {
  const refused: [url: string, field: string][] = [
    ['/api/devices?limit=0', 'limit'],
    ['/api/devices?limit=1001', 'limit'],
    ['/api/devices?limit=ten', 'limit'],
    ['/api/devices?limit=', 'limit'],
    ['/api/devices?limit=1&limit=2', 'limit'],
    ['/api/devices?limit=1.5', 'limit'],
    ['/api/devices?offset=-1', 'offset'],
    ['/api/devices?offset=1e99', 'offset'],
    ['/api/devices?state=SLEEPING', 'state'],
    ['/api/devices?device_type=submarine', 'device_type'],
    [`/api/devices?device_id=${'x'.repeat(65)}`, 'device_id'],
    [`/api/devices?search=${'x'.repeat(65)}`, 'search'],
    ['/api/devices?colour=red', 'colour'],
    ['/api/devices?__proto__=1', '__proto__'],
    ['/api/sites?x=1', 'x'],
    ['/api/overview?x=1', 'x'],
    [`/api/devices/${'x'.repeat(65)}`, 'id'],
    ['/api/devices/TURB-00001?x=1', 'x'],
    ['/api/devices/TURB-00001/history?points=1', 'points'],
    ['/api/devices/TURB-00001/history?points=2001', 'points'],
    ['/api/devices/TURB-00001/history?from=yesterday', 'from'],
    ['/api/devices/TURB-00001/history?to=2026-02-30T00:00:00Z', 'to'],
    ['/api/devices/TURB-00001/history?from=2026-01-02T00:00:00Z&to=2026-01-01T00:00:00Z', 'from'],
    ['/api/devices/TURB-00001/history?from=0001-01-01T00:00:00Z', 'from'],
    ['/api/rejects?limit=-5', 'limit'],
    ['/api/rejects?reason=%00', 'reason'],
    ['/api/write-probes', 'writer'],
    ['/api/write-probes?writer=w&limit=10001', 'limit'],
    ['/api/write-probes?writer=w&after=x', 'after'],
    ['/api/drills?limit=201', 'limit'],
    ['/api/availability?x=1', 'x'],
    ['/api/availability/incidents?limit=0', 'limit'],
    ['/api/availability/timeline?hours=9000', 'hours'],
    ['/api/observability/panels?x=1', 'x'],
    ['/api/observability/series?panels=nothing', 'panels'],
    ['/api/observability/series?minutes=0', 'minutes'],
    ['/api/observability/series?points=5000', 'points'],
    ['/api/observability/series?end=never', 'end'],
    ['/api/stream?x=1', 'x'],
    ['/api/stream/devices?limit=201', 'limit'],
  ];
  for (const [url, field] of refused) {
    it(`400 names ${field}: ${url.slice(0, 80)}`, async () => {
      const response = await app.inject(url);
      assert.equal(response.statusCode, 400, response.body);
      const body = errorOf(response.body);
      assert.equal(body.error, 'invalid_field');
      assert.equal(body.field, field);
    });
  }

  it('names the allowed values of an enumeration', async () => {
    const { message } = errorOf((await app.inject('/api/devices?state=x')).body);
    for (const state of ['OK', 'WARN', 'ALERT', 'STALE', 'UNKNOWN']) assert.match(message, new RegExp(state));
  });

  const missing = [
    '/',
    '/api',
    '/api/device',
    '/api/devices/NOPE',
    '/api/devices/NOPE/history',
    '/api/stream/devices/NOPE',
  ];
  for (const url of missing) {
    it(`404: ${url}`, async () => {
      const response = await app.inject(url);
      assert.equal(response.statusCode, 404);
      assert.equal(errorOf(response.body).error, 'not_found');
    });
  }

  it('takes SQL and script as the text they are', async () => {
    for (const evil of [
      `' OR 1=1 --`,
      '"; DROP TABLE device; --',
      '<script>',
      '../../etc/passwd',
      '\u{1F600}',
    ]) {
      const text = encodeURIComponent(evil);
      const list = await app.inject(`/api/devices?device_id=${text}&site_id=${text}&search=${text}`);
      assert.equal(list.statusCode, 200, list.body);
      assert.equal(Value.Parse(DevicesPage, list.json()).total, 0);
      assert.equal((await app.inject(`/api/devices/${text}`)).statusCode, 404);
    }
  });

  it('answers a path that cannot be decoded, and one that is too long', async () => {
    const bad = await app.inject('/api/devices/%E0%A4%A');
    assert.equal(bad.statusCode, 400);
    assert.equal(errorOf(bad.body).error, 'bad_request');
    const long = await app.inject(`/api/devices/${'x'.repeat(300)}`);
    assert.ok(long.statusCode >= 400 && long.statusCode < 500, String(long.statusCode));
    errorOf(long.body);
  });

  for (const method of ['POST', 'PUT', 'PATCH', 'DELETE'] as const) {
    it(`405: ${method} with a body that is no JSON`, async () => {
      const headers = { 'content-type': 'application/json' };
      for (const url of ['/api/devices', '/api/devices/TURB-00001/history', '/health', '/api/stream']) {
        const response = await app.inject({ method, url, headers, payload: '{' });
        assert.equal(response.statusCode, 405, url);
        assert.equal(response.headers.allow, 'GET, HEAD');
        assert.equal(errorOf(response.body).error, 'method_not_allowed');
      }
    });
  }
});

describe('bad writes', () => {
  const post = async (payload: string | object, headers: Record<string, string> = {}) =>
    await app.inject({ method: 'POST', url: '/api/write-probes', payload, headers });
  const json = { 'content-type': 'application/json' };

  const refused: [body: string, field: string | undefined][] = [
    ['{}', 'writer'],
    ['{"writer":"w"}', 'seq'],
    ['{"writer":"","seq":1}', 'writer'],
    [`{"writer":"${'x'.repeat(65)}","seq":1}`, 'writer'],
    ['{"writer":"\\u0000","seq":1}', 'writer'],
    ['{"writer":7,"seq":1}', 'writer'],
    ['{"writer":null,"seq":1}', 'writer'],
    ['{"writer":"w","seq":"1"}', 'seq'],
    ['{"writer":"w","seq":null}', 'seq'],
    ['{"writer":"w","seq":true}', 'seq'],
    ['{"writer":"w","seq":1.5}', 'seq'],
    ['{"writer":"w","seq":-1}', 'seq'],
    ['{"writer":"w","seq":1e300}', 'seq'],
    ['{"writer":"w","seq":1,"colour":"red"}', 'colour'],
    ['[]', undefined],
    ['7', undefined],
    ['null', undefined],
  ];
  for (const [body, field] of refused) {
    it(`400 names ${field ?? 'no field'}: ${body.slice(0, 60)}`, async () => {
      const response = await post(body, json);
      assert.equal(response.statusCode, 400, response.body);
      const answer = errorOf(response.body);
      assert.deepEqual([answer.error, answer.field], ['invalid_field', field]);
    });
  }

  it('400, 413 and 415 for what is no JSON, too much and of another type', async () => {
    const kinds: [status: number, body: string, type: string][] = [
      [400, '{', 'application/json'],
      [400, '', 'application/json'],
      [400, '{"__proto__":{"x":1},"writer":"w","seq":1}', 'application/json'],
      [413, `{"writer":"${'x'.repeat(70_000)}"}`, 'application/json'],
      [415, 'writer=w', 'text/plain'],
      [415, 'writer=w', 'application/x-www-form-urlencoded'],
    ];
    for (const [status, body, type] of kinds) {
      const response = await post(body, { 'content-type': type });
      assert.equal(response.statusCode, status, response.body);
      errorOf(response.body);
    }
  });

  it('400 names an idempotency key that is none', async () => {
    for (const key of ['', 'x'.repeat(129), 'tab\there', 'ä']) {
      const response = await post({ writer: 'w', seq: 1 }, { 'idempotency-key': key });
      assert.equal(response.statusCode, 400, key);
      assert.equal(errorOf(response.body).field, 'idempotency-key');
    }
  });

  it('405 names what is allowed', async () => {
    for (const method of ['PUT', 'PATCH', 'DELETE'] as const) {
      const response = await app.inject({ method, url: '/api/write-probes', headers: json, payload: '{' });
      assert.equal(response.statusCode, 405);
      assert.equal(response.headers.allow, 'GET, HEAD, POST');
    }
  });

  it('503 with Retry-After and its key when no leader takes it', async () => {
    const response = await post({ writer: 'w', seq: 1 }, { 'idempotency-key': 'mine' });
    assert.equal(response.statusCode, 503);
    assert.equal(response.headers['retry-after'], '2');
    assert.equal(response.headers['idempotency-key'], 'mine');
  });
});

describe('availability', () => {
  it('answers 503 with Retry-After when no leader answers', async () => {
    for (const url of ['/api/rejects', '/api/devices/TURB-00001/history']) {
      const response = await app.inject(url);
      assert.equal(response.statusCode, 503);
      assert.equal(response.headers['retry-after'], '2');
      assert.equal(errorOf(response.body).error, 'unavailable');
    }
  });

  it('serves the live state without a leader', async () => {
    const response = await app.inject('/api/devices?device_id=OGC-00001');
    const page = Value.Parse(DevicesPage, response.json());
    assert.deepEqual(
      page.devices.map(({ device_id, state }) => [device_id, state]),
      [['OGD-00001', 'UNKNOWN']],
    );
  });

  it('does not answer reads from a view that nobody confirms', async () => {
    cluster.viewAgeMs = 1_000;
    try {
      for (const url of [
        '/api/devices',
        '/api/sites',
        '/api/overview',
        '/api/devices/TURB-00001',
        '/api/stream/devices',
      ]) {
        const response = await app.inject(url);
        assert.equal(response.statusCode, 503, url);
        assert.equal(errorOf(response.body).error, 'stale_view');
        assert.equal(response.headers['retry-after'], '1');
      }
      assert.equal((await app.inject('/live')).statusCode, 200);
    } finally {
      cluster.viewAgeMs = 0;
    }
  });

  it('answers 503 while the live table is being filled', async () => {
    cluster.ready = false;
    try {
      assert.equal((await app.inject('/api/devices')).statusCode, 503);
      assert.equal((await app.inject('/health')).statusCode, 503);
    } finally {
      cluster.ready = true;
    }
  });

  it('is degraded without the cache and unhealthy without the record', async () => {
    assert.equal((await app.inject('/health')).json().status, 'healthy');
    cluster.redis = false;
    const degraded = await app.inject('/health');
    assert.deepEqual([degraded.statusCode, degraded.json().status], [200, 'degraded']);
    cluster.etcd = false;
    const unhealthy = await app.inject('/health');
    assert.deepEqual([unhealthy.statusCode, unhealthy.json().services.etcd], [503, 'down']);
    cluster.redis = true;
    cluster.etcd = true;
  });
});

describe('documentation and metrics', () => {
  it('describes every route', async () => {
    const { paths } = (await app.inject('/openapi.json')).json();
    const expected = [
      '/health',
      '/api/devices',
      '/api/devices/{id}',
      '/api/devices/{id}/history',
      '/api/sites',
    ];
    for (const path of [...expected, '/api/overview', '/api/rejects', '/api/stream']) {
      assert.ok(paths[path]?.get !== undefined, path);
      assert.equal(paths[path]?.post, undefined, path);
    }
    const probes = paths['/api/write-probes'];
    assert.ok(probes.get !== undefined);
    assert.equal(probes.put, undefined);
    assert.equal(probes.post.parameters[0].name, 'idempotency-key');
    assert.ok(probes.post.responses['201'].headers['idempotency-replayed'] !== undefined);
    assert.equal((await app.inject('/docs/')).statusCode, 200);
  });

  it('measures requests by route template', async () => {
    await app.inject('/api/devices/TURB-00001');
    const { body } = await app.inject('/metrics');
    assert.match(body, /request_duration_seconds_count\{[^}]*route="\/api\/devices\/:id"[^}]*status="200"/);
    assert.doesNotMatch(body, /TURB-00001/);
  });
});
