import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type CombinedLine, parseCombinedLine } from './combined-line.ts';

const LINE =
  '203.0.113.7 - frank [10/Oct/2000:13:55:36 -0700] "GET /apache_pb.gif?a=1 HTTP/1.0" 200 2326 ' +
  '"http://www.example.com/start.html" "Mozilla/4.08 [en] (Win98; I ;Nav)"';

function read(line: string): CombinedLine {
  const parsed = parseCombinedLine(line);
  assert.ok(parsed.ok, parsed.ok ? '' : parsed.reason);
  return parsed.line;
}

function reasonOf(line: string): string | null {
  const parsed = parseCombinedLine(line);
  return parsed.ok ? null : parsed.reason;
}

const withDate = (date: string): string => LINE.replace('10/Oct/2000:13:55:36 -0700', date);
const withRequest = (request: string): string => LINE.replace('GET /apache_pb.gif?a=1 HTTP/1.0', request);

describe('a line of the combined format', () => {
  it('is read whole, its time in UTC', () => {
    assert.deepEqual(read(LINE), {
      atMs: Date.UTC(2000, 9, 10, 20, 55, 36),
      remote: '203.0.113.7',
      user: 'frank',
      method: 'GET',
      path: '/apache_pb.gif?a=1',
      protocol: 'HTTP/1.0',
      status: 200,
      bytes: 2326,
      referer: 'http://www.example.com/start.html',
      userAgent: 'Mozilla/4.08 [en] (Win98; I ;Nav)',
      seconds: null,
    });
  });

  it('may be of the common format, and may say - for what is not known', () => {
    const line = read('2001:db8::1 - - [29/Feb/2024:00:00:00 +0530] "HEAD / HTTP/2.0" 304 -');
    assert.deepEqual(
      [line.remote, line.user, line.bytes, line.referer, line.userAgent, line.atMs],
      ['2001:db8::1', null, 0, null, null, Date.UTC(2024, 1, 28, 18, 30)],
    );
  });

  it('may have escaped quotes, and fields of its own behind the known ones', () => {
    const line = read(`${withRequest('GET /a\\"b HTTP/1.1')} 0.004 "upstream"`);
    assert.equal(line.path, '/a"b');
    assert.equal(line.userAgent, 'Mozilla/4.08 [en] (Win98; I ;Nav)');
    assert.equal(read(LINE.replace('frank', 'frank [at] home')).user, 'frank [at] home');
  });

  it('may hold a request that was none: it stands as the path', () => {
    for (const request of ['-', '\\x16\\x03\\x01', 'get / HTTP/1.1', 'GET', '']) {
      const { method, path, protocol } = read(withRequest(request));
      assert.deepEqual([method, path, protocol], ['-', request, '-'], request);
    }
    assert.deepEqual(read(withRequest('GET /old')).protocol, '-');
    assert.deepEqual(read(withRequest('GET /with space HTTP/1.1')).path, '/with space');
  });

  it('is stored without control characters, and no longer than its columns', () => {
    assert.equal(read(withRequest('GET /\u0000\u001b[2J HTTP/1.1')).path, '/\\x00\\x1b[2J');
    const long = read(withRequest(`GET /${'ä'.repeat(5_000)} HTTP/1.1`)).path;
    assert.equal(long.length, 600);
    assert.ok(Buffer.byteLength(long) < 2_000);
    assert.ok(long.endsWith('…'));
  });
});

describe('a line that cannot be read says what is wrong', () => {
  const wrong: Readonly<Record<string, string>> = {
    '': 'no address',
    'one-word': 'no address',
    ' - - [10/Oct/2000:13:55:36 -0700] "GET / HTTP/1.0" 200 1': 'no address',
    '1.2.3.4 - -': 'no date in brackets',
    '1.2.3.4 - - 10/Oct/2000:13:55:36 "GET / HTTP/1.0" 200 1': 'no date in brackets',
    [withDate('31/Feb/2024:00:00:00 +0000')]: 'not a date',
    [withDate('29/Feb/2023:00:00:00 +0000')]: 'not a date',
    [withDate('10/Okt/2000:13:55:36 +0200')]: 'not a date',
    [withDate('10/Oct/2000:24:00:00 +0000')]: 'not a date',
    [withDate('10/Oct/2000:13:60:36 +0000')]: 'not a date',
    [withDate('2000-10-10T13:55:36Z')]: 'not a date',
    '1.2.3.4 - - [10/Oct/2000:13:55:36 +0000] "GET / HTTP/1.0': 'the request has no end',
    '1.2.3.4 - - [10/Oct/2000:13:55:36 +0000] "GET /\\" 200 1': 'the request has no end',
    '1.2.3.4 - - [10/Oct/2000:13:55:36 +0000] "GET / HTTP/1.0" OK 1': 'no status and size',
    '1.2.3.4 - - [10/Oct/2000:13:55:36 +0000] "GET / HTTP/1.0" 200 -1': 'no status and size',
    '1.2.3.4 - - [10/Oct/2000:13:55:36 +0000] "GET / HTTP/1.0" 999 1': 'not a status',
    '1.2.3.4 - - [10/Oct/2000:13:55:36 +0000] "GET / HTTP/1.0" 099 1': 'not a status',
  };
  for (const [line, reason] of Object.entries(wrong)) {
    it(`${reason}: ${line.slice(0, 70)}`, () => assert.equal(reasonOf(line), reason));
  }

  it('in time that grows with its length only', () => {
    const line = `a b ${' ['.repeat(30_000)}`;
    const startedMs = performance.now();
    for (let round = 0; round < 20; round++) parseCombinedLine(line);
    assert.ok(performance.now() - startedMs < 1_000);
  });
});
