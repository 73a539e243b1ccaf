/**
 * The dashboard in a real browser against a running instance: first paint, scrolling through all 100,000 rows and
 * what live updates cost; with --soak whether pages that stay open keep their frame rate and do not grow.
 * `tier0 bench dashboard`; the browser is Debian's Chromium.
 */
import { parseArgs } from 'node:util';
import type { Browser, CDPSession, Page } from 'playwright-core';
import { monotonicMs, sleep } from '../src/lib/clock.ts';
import { MAX_PORT_OFFSET, topology } from '../src/lib/topology.ts';
import { wholeNumber } from '../src/supervisor/config.ts';
import { launchBrowser } from './chromium.ts';

const VIEWPORT = { width: 1440, height: 900 };
const ROW =
  '[role="grid"] [role="row"][aria-selected], [role="grid"] [role="rowgroup"]:last-child [role="row"]';
const READY_MS = 15_000;
/** Of a soak, once a minute: ten seconds of frames at 60 a second. */
const SAMPLED_FRAMES = 600;
const SAMPLE_EVERY_MS = 60_000;
/** Of a soaked page, until all of it was drawn once. */
const SETTLE_MS = 20_000;
/** Between two frames, longer than which at least one was left out at 60 a second. */
const MISSED_MS = 25;

const HELP = `tier0 bench dashboard: the dashboard of a running instance in Chromium

  --port-offset N   of the running instance (0)
  --seconds N       over which the cost of live updates is measured (20)
  --soak N          instead: Overview and Observability stay open side by side for N minutes; frames and the heap
                    after a collection are looked at each minute
  --screenshot FILE saves the Overview as PNG
`;

export async function run(args: string[]): Promise<number> {
  const { values } = parseArgs({
    args,
    options: {
      'port-offset': { type: 'string' },
      seconds: { type: 'string' },
      soak: { type: 'string' },
      screenshot: { type: 'string' },
      help: { type: 'boolean' },
    },
  });
  if (values.help === true) {
    process.stdout.write(HELP);
    return 0;
  }
  const { dashboard } = topology(
    wholeNumber('--port-offset', values['port-offset'], 0, 0, MAX_PORT_OFFSET),
  ).edge;
  const seconds = wholeNumber('--seconds', values.seconds, 20, 1, 600);
  const minutes = wholeNumber('--soak', values.soak, 0, 0, 1_440);
  const root = `http://localhost:${dashboard}`;
  const browser = await launchBrowser();
  try {
    if (minutes > 0) {
      await soak(browser, root, minutes);
      return 0;
    }
    const page = await browser.newPage({ viewport: VIEWPORT });
    report('first paint, device list', await firstPaint(page, `${root}/devices`));
    report('scrolling 100,000 rows', await scroll(page));
    report('live cost, device list', await liveCost(page, seconds));
    await page.goto(root);
    await sleep(3_000);
    report('live cost, overview', await liveCost(page, seconds));
    if (values.screenshot !== undefined) await page.screenshot({ path: values.screenshot });
    return 0;
  } finally {
    await browser.close();
  }
}

function report(what: string, line: string): void {
  process.stdout.write(`${what.padEnd(26)} ${line}\n`);
}

async function firstPaint(page: Page, address: string): Promise<string> {
  await page.goto(address);
  await page.waitForSelector(ROW, { timeout: READY_MS });
  const [paint, rows] = await page.evaluate(() => [
    performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? Number.NaN,
    performance.now(),
  ]);
  return `first contentful paint ${paint?.toFixed(0)} ms, first rows ${rows?.toFixed(0)} ms`;
}

/** Frame times while the wheel turns, first row by row, then in leaps through the whole list. */
async function scroll(page: Page): Promise<string> {
  const slow = await frameQuantiles(page, 200, 40);
  const fast = await frameQuantiles(page, 200, 12_000);
  return `40 px a frame: ${slow}; 12,000 px a frame: ${fast}`;
}

async function frameQuantiles(page: Page, frames: number, stepPx: number): Promise<string> {
  return quantiles(await timesBetweenFrames(page, frames, stepPx));
}

function quantiles(times: readonly number[]): string {
  const sorted = [...times].sort((a, b) => a - b);
  const at = (share: number): string =>
    (sorted[Math.floor(share * (sorted.length - 1))] ?? Number.NaN).toFixed(1);
  return `p50 ${at(0.5)} ms, p99 ${at(0.99)} ms, max ${at(1)} ms`;
}

/** Milliseconds from frame to frame. With a step the device list is scrolled by it each frame, else nothing is touched. */
async function timesBetweenFrames(page: Page, frames: number, stepPx = 0): Promise<number[]> {
  return page.evaluate<number[]>(`(async () => {
    const grid = document.querySelector('[role="grid"]');
    const seen = [];
    let last = performance.now();
    for (let i = 0; i < ${frames}; i++) {
      if (grid !== null) grid.scrollTop += ${stepPx};
      await new Promise((resolve) => requestAnimationFrame(resolve));
      const now = performance.now();
      seen.push(now - last);
      last = now;
    }
    return seen;
  })()`);
}

type Soaked = {
  readonly name: string;
  readonly page: Page;
  readonly session: CDPSession;
  /** Main-thread seconds of the page when the soak began. */
  readonly taskSeconds: number;
  /** Milliseconds, of all samples. */
  readonly frames: number[];
  /** MB, once a minute. */
  readonly heaps: number[];
};

/** Both pages side by side in windows of their own, looked at in turn; a line a minute, then one a page. */
async function soak(browser: Browser, root: string, minutes: number): Promise<void> {
  const pages = [
    await soaked(browser, 'overview', `${root}/`, 'main table'),
    await soaked(browser, 'observability', `${root}/observability`, '.chart-panel canvas'),
  ];
  const began = monotonicMs();
  for (let minute = 0; minute <= minutes; minute++) {
    await sleep(Math.max(0, began + minute * SAMPLE_EVERY_MS - monotonicMs()));
    for (const at of pages) {
      at.frames.push(...(await timesBetweenFrames(at.page, SAMPLED_FRAMES)));
      at.heaps.push(await heapMb(at.session));
    }
    report(
      `minute ${minute}`,
      pages.map(({ name, heaps }) => `${name}: heap ${heaps.at(-1)?.toFixed(1)} MB`).join(', '),
    );
  }
  const seconds = (monotonicMs() - began) / 1_000;
  for (const at of pages) report(`${at.name}, ${minutes} min`, await outcome(at, seconds));
}

async function soaked(browser: Browser, name: string, address: string, ready: string): Promise<Soaked> {
  const page = await browser.newPage({ viewport: VIEWPORT });
  await page.goto(address);
  await page.waitForSelector(ready, { timeout: READY_MS });
  await sleep(SETTLE_MS);
  const session = await inspected(page);
  return { name, page, session, taskSeconds: await taskSeconds(session), frames: [], heaps: [] };
}

async function outcome(at: Soaked, seconds: number): Promise<string> {
  const cost = (100 * ((await taskSeconds(at.session)) - at.taskSeconds)) / seconds;
  const { frames } = at;
  const rate = (1_000 * frames.length) / frames.reduce((sum, ms) => sum + ms, 0);
  const missed = (100 * frames.filter((ms) => ms > MISSED_MS).length) / frames.length;
  const half = Math.ceil(at.heaps.length / 2);
  return [
    `${rate.toFixed(1)} frames a second`,
    quantiles(frames),
    `${missed.toFixed(2)} % longer than ${MISSED_MS} ms`,
    `heap at first ${at.heaps[0]?.toFixed(1)} MB, at last ${at.heaps.at(-1)?.toFixed(1)} MB`,
    `at most ${Math.max(...at.heaps.slice(0, half)).toFixed(1)} MB in the first half, ${Math.max(...at.heaps.slice(half)).toFixed(1)} MB in the second`,
    `${cost.toFixed(1)} % of a core`,
  ].join('; ');
}

async function inspected(page: Page): Promise<CDPSession> {
  const session = await page.context().newCDPSession(page);
  await session.send('Performance.enable');
  return session;
}

/** After a collection. */
async function heapMb(session: CDPSession): Promise<number> {
  await session.send('HeapProfiler.collectGarbage');
  const { usedSize } = await session.send('Runtime.getHeapUsage');
  return usedSize / 1e6;
}

/** What the page's main thread has spent. */
async function taskSeconds(session: CDPSession): Promise<number> {
  const { metrics } = await session.send('Performance.getMetrics');
  return metrics.find(({ name }) => name === 'TaskDuration')?.value ?? Number.NaN;
}

/** Main-thread time of the page while it only receives live updates, in percent of a core. */
async function liveCost(page: Page, seconds: number): Promise<string> {
  const session = await inspected(page);
  const before = await taskSeconds(session);
  await sleep(seconds * 1_000);
  const spent = (await taskSeconds(session)) - before;
  return `${((100 * spent) / seconds).toFixed(1)} % of a core over ${seconds} s`;
}

if (import.meta.main) process.exitCode = await run(process.argv.slice(2));
