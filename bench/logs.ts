/**
 * The access log with a million lines: how fast a file is imported, how fast the second time, and how long the
 * questions about it take through the API.
 *   node bench/logs.ts [--data-dir DIR] [--port-offset N] [--lines 1000000] [--no-import] [--asks 50]
 * The file is made from a seed, so every run has the same one: 20,000 addresses, some of which scan for what is not
 * there; about 18 % errors.
 */
import { closeSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { importLogs } from '../src/import/command.ts';
import { monotonicMs } from '../src/lib/clock.ts';
import { Histogram } from '../src/lib/histogram.ts';
import { Random } from '../src/lib/random.ts';
import { MAX_PORT_OFFSET, topology } from '../src/lib/topology.ts';
import { wholeNumber } from '../src/supervisor/config.ts';
import { fixed, table } from './table.ts';

const SEED = 20_261_124;
const ADDRESSES = 20_000;
const SCANNERS = 50;
const START_MS = Date.UTC(2026, 9, 1);
const LINES_PER_S = 12;
const REQUEST_DEADLINE_MS = 60_000;
const WRITE_LINES = 10_000;
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const PAGES = [
  '/',
  '/index.html',
  '/api/devices',
  '/api/sites',
  '/login',
  '/assets/app.js',
  '/search?q=pump',
];
const TARGETS = ['/wp-login.php', '/.env', '/phpmyadmin/', '/admin', '/cgi-bin/test.cgi'];
const AGENTS = ['Mozilla/5.0 (X11; Linux x86_64) Firefox/128.0', 'curl/8.5.0', 'python-requests/2.32'];

export async function run(args: string[]): Promise<number> {
  const { values } = parseArgs({
    args,
    options: {
      'data-dir': { type: 'string', default: process.env.TIER0_DATA_DIR ?? '.tier0' },
      'port-offset': { type: 'string' },
      lines: { type: 'string' },
      'no-import': { type: 'boolean', default: false },
      asks: { type: 'string' },
    },
  });
  const portOffset = wholeNumber('--port-offset', values['port-offset'], 0, 0, MAX_PORT_OFFSET);
  const lines = wholeNumber('--lines', values.lines, 1_000_000, 1_000, 100_000_000);
  const asks = wholeNumber('--asks', values.asks, 50, 1, 10_000);
  if (!values['no-import']) await importTwice(resolve(values['data-dir']), portOffset, lines);
  const { host, edge } = topology(portOffset);
  const base = `http://${host}:${edge.api}`;
  const questions: Readonly<Record<string, string>> = {
    'top error addresses': '/api/logs/addresses',
    'top error addresses of a day': '/api/logs/addresses?from=2026-10-01T00:00:00Z&to=2026-10-02T00:00:00Z',
    'requests by status': '/api/logs/statuses',
    'requests over time': '/api/logs/timeline',
    'top paths': '/api/logs/paths',
    'newest entries': '/api/logs',
    'entries of one address': '/api/logs?ip_address=10.0.0.1',
    'text search': '/api/logs?search=wp-login',
  };
  const rows: string[][] = [];
  for (const [name, path] of Object.entries(questions))
    rows.push([name, ...(await measure(base + path, asks))]);
  process.stdout.write(`\n${table(['question', 'p50 ms', 'p99 ms', 'max ms'], rows)}\n`);
  return 0;
}

async function importTwice(dataDir: string, portOffset: number, lines: number): Promise<void> {
  const dir = mkdtempSync(join(tmpdir(), 'tier0-bench-logs-'));
  try {
    const file = join(dir, 'bench.log');
    writeLog(file, lines);
    const print = (line: string): void => {
      process.stdout.write(`${line}\n`);
    };
    for (let times = 0; times < 2; times++) {
      await importLogs({ dataDir, portOffset, files: [file], rejects: null }, print);
    }
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

/** Combined format; the same lines for the same number. */
function writeLog(path: string, lines: number): void {
  const random = new Random(SEED);
  const file = openSync(path, 'w');
  try {
    for (let first = 0; first < lines; first += WRITE_LINES) {
      let text = '';
      for (let line = first; line < Math.min(lines, first + WRITE_LINES); line++)
        text += lineOf(line, random);
      writeSync(file, text);
    }
  } finally {
    closeSync(file);
  }
}

function lineOf(number: number, random: Random): string {
  const scans = random.int(10) === 0;
  const address = scans ? random.int(SCANNERS) : random.int(ADDRESSES);
  const pick = (from: readonly string[]): string => from[random.int(from.length)] ?? '';
  const status = scans ? 404 : ([200, 200, 200, 200, 200, 304, 200, 200, 200, 500][random.int(10)] ?? 200);
  const path = scans ? pick(TARGETS) : pick(PAGES);
  return (
    `10.${address >> 16}.${(address >> 8) & 255}.${address & 255} - - [${dateOf(number)}] "GET ${path} HTTP/1.1" ` +
    `${status} ${random.int(50_000)} "-" "${pick(AGENTS)}"\n`
  );
}

function dateOf(number: number): string {
  const date = new Date(START_MS + Math.floor(number / LINES_PER_S) * 1_000);
  const two = (value: number): string => String(value).padStart(2, '0');
  const time = [date.getUTCHours(), date.getUTCMinutes(), date.getUTCSeconds()].map(two).join(':');
  return `${two(date.getUTCDate())}/${MONTHS[date.getUTCMonth()]}/${date.getUTCFullYear()}:${time} +0000`;
}

async function measure(url: string, asks: number): Promise<string[]> {
  const took = new Histogram();
  for (let ask = 0; ask < asks; ask++) {
    const startMs = monotonicMs();
    const response = await fetch(url, { signal: AbortSignal.timeout(REQUEST_DEADLINE_MS) });
    const body = await response.text();
    took.record(monotonicMs() - startMs);
    if (!response.ok) throw new Error(`${url}: ${response.status} ${body}`);
  }
  const { p50Ms, p99Ms, maxMs } = took.quantiles();
  return [p50Ms, p99Ms, maxMs].map((ms) => fixed(ms, 1));
}
