import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { UsageError } from '../lib/errors.ts';
import { chosenLogs, parsePattern, parseSince, searchLogs } from './log-search.ts';

const NOW_MS = Date.parse('2026-11-25T18:00:00Z');
const at = (time: string, msg: string): string =>
  JSON.stringify({ time: `2026-11-25T${time}Z`, level: 'info', msg });
const ALL = { process: undefined, role: undefined, region: undefined };

describe('--since', () => {
  it('takes an age and a time', () => {
    assert.equal(parseSince('90s', NOW_MS), NOW_MS - 90_000);
    assert.equal(parseSince('2h', NOW_MS), NOW_MS - 7_200_000);
    assert.equal(parseSince('2026-11-25T17:00:00Z', NOW_MS), NOW_MS - 3_600_000);
  });

  it('names what it does not understand', () => {
    for (const text of ['', '5', 'yesterday', '-5m', '5 weeks', '2026-99-99'])
      assert.throws(() => parseSince(text, NOW_MS), UsageError);
    assert.throws(() => parsePattern('a('), /"a\(" is none/);
  });
});

describe('searching logs', () => {
  let dir: string;
  before(() => {
    dir = mkdtempSync(join(tmpdir(), 'tier0-test-logs-'));
    const write = (file: string, lines: readonly string[]): void =>
      writeFileSync(join(dir, file), `${lines.join('\n')}\n`);
    write('region1-api.log.1', [at('10:00:00', 'old'), at('11:00:00', 'rotated')]);
    write('region1-api.log', [at('12:00:00', 'new'), '  a stack of it', at('12:00:02', 'newer')]);
    write('region2-ingest.log', [at('12:00:01', 'between')]);
    write('edge-nginx.json', ['{"time":"2026-11-25T12:00:03+00:00","msg":"request"}']);
  });
  after(() => rmSync(dir, { recursive: true, force: true }));

  const paths = (choice: Partial<Parameters<typeof chosenLogs>[1]>): string[] =>
    chosenLogs(dir, { ...ALL, ...choice }).map(({ path }) => path);
  const search = async (
    choice: Parameters<typeof paths>[0],
    since: string | null,
    grep: string | null,
    limit = 100,
  ): Promise<string[]> => {
    const filter = {
      pattern: grep === null ? null : parsePattern(grep),
      sinceMs: since === null ? null : parseSince(since, NOW_MS),
    };
    const found = await searchLogs(paths(choice), filter, limit);
    return found.map(({ text }) => /"msg":"([^"]*)"/.exec(text)?.[1] ?? text);
  };

  it('gives lines of all processes in the order of their times, rotated logs first', async () => {
    const all = ['old', 'rotated', 'new', '  a stack of it', 'between', 'newer', 'request'];
    assert.deepEqual(await search({}, null, null), all);
    assert.deepEqual(await search({}, '2026-11-25T12:00:01Z', null), ['between', 'newer', 'request']);
  });

  it('keeps the newest where there are more than are asked for', async () => {
    assert.deepEqual(await search({}, null, null, 2), ['newer', 'request']);
    assert.deepEqual(await search({}, null, null, 0), []);
  });

  it('takes the lines that match the pattern, of the role and the region that are named', async () => {
    assert.deepEqual(await search({}, null, 'new|betw'), ['new', 'between', 'newer']);
    assert.deepEqual(await search({ role: 'api' }, null, '"msg":"new'), ['new', 'newer']);
    assert.deepEqual(await search({ region: 'region2' }, null, null), ['between']);
    assert.deepEqual(await search({ process: 'region1-api' }, null, 'rotated'), ['rotated']);
  });

  it('does not read what was last written to before that time', async () => {
    utimesSync(join(dir, 'region1-api.log.1'), new Date(NOW_MS - 1e7), new Date(NOW_MS - 1e7));
    assert.deepEqual(await search({ role: 'api' }, '1m', 'rotated'), []);
  });

  it('names the logs that there are when none is chosen', () => {
    assert.throws(() => paths({ role: 'pi' }), /no log of "pi"; there are: edge-nginx, region1-api/);
    assert.throws(() => paths({ region: 'region3' }), /--region takes one of/);
  });
});
