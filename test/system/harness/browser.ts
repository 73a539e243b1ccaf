/** A real browser for a test: the distribution's Chromium, and what its pages did wrong. */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import type { Browser, Page } from 'playwright-core';
import { CHROMIUM } from '../../../bench/chromium.ts';
import { pause } from '../../../src/lib/clock.ts';

/** False, or why there is no browser: for a test's `skip`. */
export const noBrowser: string | false = !existsSync(CHROMIUM) && `${CHROMIUM} is not installed`;

/** A page on a desktop's screen; `complaints` grows when it crashes, throws, or asks another host. */
export async function openPage(browser: Browser): Promise<{ page: Page; complaints: string[] }> {
  const complaints: string[] = [];
  const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
  page.on('crash', () => complaints.push('the page crashed'));
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('request', (request) => {
    if (new URL(request.url()).hostname !== 'localhost') complaints.push(`asks ${request.url()}`);
  });
  return { page, complaints };
}

/** A chart is drawn again a frame after its place has another width. */
const REDRAW_MS = 3_000;

/** Fails unless the page is as wide as its window. */
export async function fits(page: Page, width: number, what: string): Promise<void> {
  const shown = (): Promise<number> => page.evaluate<number>('document.documentElement.scrollWidth');
  const limit = AbortSignal.timeout(REDRAW_MS);
  while ((await shown()) !== width && (await pause(100, limit)));
  assert.equal(await shown(), width, `${what} at ${width}`);
}
