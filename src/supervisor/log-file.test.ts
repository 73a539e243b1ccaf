import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { LOG_MAX_BYTES, LogFile, rotate } from './log-file.ts';

let dir: string;
let path: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'tier0-test-log-'));
  path = join(dir, 'x.log');
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

type Event = Record<string, unknown>;

/** Every line of the file must be JSON. */
function eventsAfter(use: (log: LogFile) => void): Event[] {
  const log = new LogFile(path, 'etcd', 'region1');
  use(log);
  log.close();
  const lines = readFileSync(path, 'utf8').split('\n');
  assert.equal(lines.pop(), '', 'the file ends with a newline');
  return lines.map((line): Event => JSON.parse(line));
}

describe('LogFile', () => {
  it('keeps JSON lines as they are and wraps the others, whatever the chunks', () => {
    const events = eventsAfter((log) => {
      for (const chunk of [
        '{"a":',
        '1}\npla',
        'in text\n\n{"b"',
        ':2}\n{',
        '\n  code: 1\n}\n',
        '{ no json }\nlast',
      ])
        log.write(chunk);
    });
    const shown = events.map(({ time, level, role, region, msg, ...rest }) => {
      if (msg === undefined) return rest;
      assert.ok(typeof time === 'string' && Date.parse(time) > 0);
      assert.deepEqual([level, role, region], ['info', 'etcd', 'region1']);
      return msg;
    });
    assert.deepEqual(shown, [{ a: 1 }, 'plain text', { b: 2 }, '{', '  code: 1', '}', '{ no json }', 'last']);
  });

  it('cuts a line that does not end, and reads the next one whole', () => {
    const events = eventsAfter((log) => {
      log.write(`{"long":"${'x'.repeat(10_000)}`);
      for (let i = 0; i < 10; i++) log.write('y'.repeat(10_000));
      log.write('"}\n{"next":1}\n');
    });
    assert.equal(events.length, 2);
    assert.match(String(events[0]?.msg), /^\{"long":"x{10000}y{6375}$/);
    assert.deepEqual(events[1], { next: 1 });
  });

  it('writes events of its own', () => {
    const [event] = eventsAfter((log) => log.event('warn', 'exited: code 1'));
    assert.deepEqual([event?.level, event?.msg], ['warn', 'exited: code 1']);
  });

  it('goes on in a file that is there, and rotates it at the bound', () => {
    writeFileSync(path, `${'x'.repeat(LOG_MAX_BYTES)}\n`);
    assert.deepEqual(
      eventsAfter((log) => log.write('{"first":1}\n')),
      [{ first: 1 }],
    );
    assert.equal(statSync(`${path}.1`).size, LOG_MAX_BYTES + 1);
  });
});

it('under load nothing is lost but what is rotated away, and the disk stays bounded', () => {
  const log = new LogFile(path, 'etcd', 'region1');
  const padding = 'x'.repeat(1_000);
  const LINES = 100_000;
  let chunk = '';
  for (let n = 0; n < LINES; n++) {
    chunk += `{"n":${n},"p":"${padding}"}\n`;
    if (chunk.length < 60_000) continue;
    log.write(chunk);
    chunk = '';
  }
  log.write(chunk);
  log.close();
  const files = [`${path}.3`, `${path}.2`, `${path}.1`, path];
  const numbers = files.flatMap((file) =>
    readFileSync(file, 'utf8')
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => Number(/^\{"n":(\d+),/.exec(line)?.[1])),
  );
  const first = numbers[0] ?? Number.NaN;
  assert.deepEqual(
    numbers,
    Array.from({ length: LINES - first }, (_, index) => first + index),
  );
  for (const file of files) assert.ok(statSync(file).size <= LOG_MAX_BYTES + 2_000, file);
  assert.equal(existsSync(`${path}.4`), false);
});

it('rotation keeps three old files', () => {
  for (const text of ['a', 'b', 'c', 'd', 'e']) {
    writeFileSync(path, text);
    rotate(path);
  }
  assert.deepEqual(
    [1, 2, 3].map((n) => readFileSync(`${path}.${n}`, 'utf8')),
    ['e', 'd', 'c'],
  );
  assert.equal(existsSync(path) || existsSync(`${path}.4`), false);
});
