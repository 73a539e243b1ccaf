/**
 * The dashboard in a real browser against a running instance: first paint, scrolling through all 100,000 rows,
 * what live updates cost, and whether the Observability page grows. `tier0 bench dashboard`; the browser is Debian's Chromium.
 */
import { parseArgs } from 'node:util';
import { chromium, type Page } from 'playwright-core';
import { sleep } from '../src/lib/clock.ts';
import { MAX_PORT_OFFSET, topology } from '../src/lib/topology.ts';
import { wholeNumber } from '../src/supervisor/config.ts';

const CHROMIUM = '/usr/bin/chromium';
/** No GPU here, and no calls to the vendor's services. */
const CHROMIUM_ARGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];
const VIEWPORT = { width: 1440, height: 900 };
const ROW =
  '[role="grid"] [role="row"][aria-selected], [role="grid"] [role="rowgroup"]:last-child [role="row"]';
const READY_MS = 15_000;
const IDLE_FRAMES = 600;

const HELP = `tier0 bench dashboard: the dashboard of a running instance in Chromium

  --port-offset N   of the running instance (0)
  --seconds N       over which the cost of live updates is measured (20)
  --screenshot FILE saves the Overview as PNG
`;

export async function run(args: string[]): Promise<number> {
  const { values } = parseArgs({
    args,
    options: {
      'port-offset': { type: 'string' },
      seconds: { type: 'string' },
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
  const seconds = wholeNumber('--seconds', values.seconds, 20, 1, 7_200);
  const browser = await chromium.launch({ executablePath: CHROMIUM, args: CHROMIUM_ARGS });
  try {
    const page = await browser.newPage({ viewport: VIEWPORT });
    const root = `http://localhost:${dashboard}`;
    report('first paint, device list', await firstPaint(page, `${root}/devices`));
    report('scrolling 100,000 rows', await scroll(page));
    report('live cost, device list', await liveCost(page, seconds));
    await page.goto(root);
    await sleep(3_000);
    report('live cost, overview', await liveCost(page, seconds));
    await page.goto(`${root}/observability`);
    await page.waitForSelector('.chart-panel canvas', { timeout: READY_MS });
    await sleep(5_000);
    report('live cost, observability', await soak(page, seconds));
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
  const slow = await frameTimes(page, 200, 40);
  const fast = await frameTimes(page, 200, 12_000);
  return `40 px a frame: ${slow}; 12,000 px a frame: ${fast}`;
}

/** With a step the device list is scrolled by it each frame, else nothing is touched. */
async function frameTimes(page: Page, frames: number, stepPx = 0): Promise<string> {
  const times = await page.evaluate<number[]>(`(async () => {
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
  const sorted = times.sort((a, b) => a - b);
  const at = (share: number): string =>
    (sorted[Math.floor(share * (sorted.length - 1))] ?? Number.NaN).toFixed(1);
  return `p50 ${at(0.5)} ms, p99 ${at(0.99)} ms, max ${at(1)} ms`;
}

/** The same, with frame times and the heap after a collection at the beginning and the end. */
async function soak(page: Page, seconds: number): Promise<string> {
  const session = await page.context().newCDPSession(page);
  const heapMb = async (): Promise<string> => {
    await session.send('HeapProfiler.collectGarbage');
    const { usedSize } = await session.send('Runtime.getHeapUsage');
    return (usedSize / 1e6).toFixed(1);
  };
  const before = await heapMb();
  const cost = await liveCost(page, seconds);
  const after = await heapMb();
  const frames = await frameTimes(page, IDLE_FRAMES);
  return `${cost}; heap ${before} MB, then ${after} MB; frames ${frames}`;
}

/** Main-thread time of the page while it only receives live updates, in percent of a core. */
async function liveCost(page: Page, seconds: number): Promise<string> {
  const session = await page.context().newCDPSession(page);
  await session.send('Performance.enable');
  const taskSeconds = async (): Promise<number> => {
    const { metrics } = await session.send('Performance.getMetrics');
    return metrics.find(({ name }) => name === 'TaskDuration')?.value ?? Number.NaN;
  };
  const before = await taskSeconds();
  await sleep(seconds * 1_000);
  const spent = (await taskSeconds()) - before;
  return `${((100 * spent) / seconds).toFixed(1)} % of a core over ${seconds} s`;
}

if (import.meta.main) process.exitCode = await run(process.argv.slice(2));
