/** The Observability page in a real browser, in front of a real Prometheus. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { launchBrowser } from '../../bench/chromium.ts';
import { eventually } from '../../src/lib/eventually.ts';
import { PANELS } from '../../src/lib/panels.ts';
import { fits, noBrowser, openPage } from './harness/browser.ts';
import { stored } from './harness/observed.ts';
import { type System, startSystem } from './harness/system.ts';

const WAIT_MS = 40_000;

describe('the Observability page', { skip: noBrowser }, () => {
  let system: System;
  let browser: Browser;
  let page: Page;
  let complaints: string[];

  before(async () => {
    system = await startSystem({ observability: true, env: { TIER0_PROBE_SETTLE_S: '10' } });
    await eventually('something is observed', WAIT_MS, () =>
      stored(system).then(
        () => true as const,
        () => undefined,
      ),
    );
    browser = await launchBrowser();
    ({ page, complaints } = await openPage(browser));
    await page.goto(`http://localhost:${system.at.edge.dashboard}/observability?range=15m`);
  });
  after(async () => {
    await browser?.close();
    await system?.stop();
  });

  const panel = (title: string) => page.getByRole('region', { name: title, exact: true });

  test('says what was promised, what may be claimed, and that nothing needs anybody', async () => {
    await page.getByText('At best can be claimed').waitFor({ timeout: WAIT_MS });
    await page
      .getByText(/observed, none bad: at best 9\d(\.\d+)? % can be claimed/)
      .waitFor({ timeout: WAIT_MS });
    await page.getByText('3.16 s', { exact: false }).first().waitFor({ timeout: WAIT_MS });
    await page.getByText('No probe has failed since the start.').waitFor({ timeout: WAIT_MS });
    await page
      .getByText('99.99999 % of requests are answered correctly within 5 s')
      .waitFor({ timeout: WAIT_MS });
  });

  test('has every panel, each with a sentence, its PromQL, and a chart with values', async () => {
    await page.locator('.chart-panel canvas').first().waitFor({ timeout: WAIT_MS });
    assert.equal(await page.locator('.chart-panel').count(), PANELS.length);
    for (const { title, explains } of PANELS) {
      await panel(title).getByText(explains).waitFor({ timeout: WAIT_MS });
      const link = await panel(title).getByRole('link').getAttribute('href');
      assert.match(
        link ?? '',
        new RegExp(`^http://localhost:${system.at.edge.prometheus}/graph\\?g0\\.expr=`),
      );
    }
    await panel('Answered well').getByText('100 %').first().waitFor({ timeout: WAIT_MS });
  });

  test('is read and zoomed from the keyboard, and the address can be sent to somebody', async () => {
    const chart = panel('Answered well').getByRole('img');
    await chart.focus();
    const readout = panel('Answered well').getByText(/^at \d\d:\d\d:\d\d$/);
    await eventually('the cursor is read', WAIT_MS, async () => {
      await page.keyboard.press('ArrowLeft');
      return (await readout.isVisible()) || undefined;
    });
    await page.keyboard.press('+');
    await page.waitForURL(/from=\d+&to=\d+/, { timeout: WAIT_MS });
    await page.getByRole('button', { name: 'Show all and go on live' }).waitFor({ timeout: WAIT_MS });
    await chart.focus();
    await page.keyboard.press('Escape');
    await page.waitForURL(/range=15m$/, { timeout: WAIT_MS });
  });

  test('is zoomed by dragging over a chart', async () => {
    const chart = panel('Processor time').getByRole('img');
    await chart.scrollIntoViewIfNeeded();
    const box = await chart.boundingBox();
    assert.ok(box !== null);
    await page.mouse.move(box.x + box.width / 2, box.y + 60);
    await page.mouse.down();
    await page.mouse.move(box.x + box.width - 20, box.y + 60, { steps: 4 });
    await page.mouse.up();
    await page.waitForURL(/from=\d+&to=\d+/, { timeout: WAIT_MS });
    await page.goBack();
    await page.waitForURL(/range=15m$/, { timeout: WAIT_MS });
  });

  test('says so when Prometheus is away, and keeps what it has', async () => {
    const pid = system.signal('edge', 'prometheus', 'SIGSTOP');
    try {
      await page.getByText('Metrics cannot be read').waitFor({ timeout: WAIT_MS });
      assert.equal(await page.locator('.chart-panel').count(), PANELS.length);
      assert.equal(await page.getByText('The ledger cannot be read').count(), 0);
    } finally {
      process.kill(pid, 'SIGCONT');
    }
    await page.getByText('Metrics cannot be read').waitFor({ state: 'detached', timeout: WAIT_MS });
  });

  test('does not scroll sideways, light or dark, and nothing in it throws', async () => {
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme });
      for (const width of [390, 800, 1_024, 1_440]) {
        await page.setViewportSize({ width, height: 844 });
        await fits(page, width, 'the page');
      }
    }
    assert.deepEqual(complaints, []);
  });
});
