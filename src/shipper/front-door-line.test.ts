import assert from 'node:assert/strict';
import { it } from 'node:test';
import { parseFrontDoorLine } from './front-door-line.ts';

const LINE = {
  time: '2026-11-24T17:00:00+00:00',
  level: 'info',
  role: 'nginx',
  region: 'edge',
  msg: 'request',
  id: '0123456789abcdef0123456789abcdef',
  at: 1_790_000_000.123,
  remote: '127.0.0.1',
  user: '',
  method: 'GET',
  uri: '/api/devices?limit=1',
  protocol: 'HTTP/1.1',
  status: 200,
  bytes: 123,
  seconds: 0.004,
  upstream: '127.0.0.1:8010',
  referer: '',
  agent: 'curl/8',
};

it('a request that the front door logged is an entry under the id that nginx gave it', () => {
  assert.deepEqual(parseFrontDoorLine(JSON.stringify(LINE)), {
    id: '01a0c4506c7b0123456789abcdef0123',
    atMs: 1_790_000_000_123,
    source: 'front-door',
    remote: '127.0.0.1',
    user: null,
    method: 'GET',
    path: '/api/devices?limit=1',
    protocol: 'HTTP/1.1',
    status: 200,
    bytes: 123,
    referer: null,
    userAgent: 'curl/8',
    seconds: 0.004,
  });
});

it('a request that was none, and hostile texts, are kept as they can be shown', () => {
  const entry = parseFrontDoorLine(
    JSON.stringify({
      ...LINE,
      method: '',
      uri: '',
      protocol: '',
      status: 400,
      agent: `\u0000\u001b[2J${'x'.repeat(2_000)}`,
    }),
  );
  assert.deepEqual([entry?.method, entry?.path, entry?.protocol, entry?.status], ['-', '-', '-', 400]);
  assert.ok(entry?.userAgent?.startsWith('\\x00\\x1b[2Jxxx'));
});

it('what is no line of a request is none', () => {
  for (const text of [
    '',
    '{',
    '{}',
    'null',
    '"a"',
    JSON.stringify({ ...LINE, id: 'a' }),
    JSON.stringify({ ...LINE, at: 'now' }),
  ]) {
    assert.equal(parseFrontDoorLine(text), null, text);
  }
});
