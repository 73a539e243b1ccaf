import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';
import { type Browser, chromium, type Page } from 'playwright-core';
import { type System, startSystem } from './harness/system.ts';

const CHROMIUM = '/usr/bin/chromium';
const WAIT_MS = 20_000;

describe('the dashboard in a real browser', {
  skip: !existsSync(CHROMIUM) && `${CHROMIUM} is not installed`,
}, () => {
  let system: System;
  let browser: Browser;
  let page: Page;
  const complaints: string[] = [];

  before(async () => {
    system = await startSystem({ simulators: true, rate: 5_000 });
    browser = await chromium.launch({
      executablePath: CHROMIUM,
      args: [
        '--no-sandbox',
        '--disable-gpu',
        '--disable-quic',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
      ],
    });
    page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
    page.on('pageerror', (error) => complaints.push(error.message));
    page.on('request', (request) => {
      if (new URL(request.url()).hostname !== 'localhost') complaints.push(`asks ${request.url()}`);
    });
  });

  after(async () => {
    await browser?.close();
    await system?.stop();
  });

  const open = (path: string): Promise<unknown> =>
    page.goto(`http://localhost:${system.at.edge.dashboard}${path}`);

  test('the overview shows the fleet, both regions, and an accounting that balances', async () => {
    await open('/');
    await page.getByText('100,000').first().waitFor({ timeout: WAIT_MS });
    for (const text of ['region1', 'region2', 'witness', 'Loss accounting', 'balances']) {
      await page.getByText(text).first().waitFor({ timeout: WAIT_MS });
    }
  });

  test('the device list reaches its last row, and a device opens with its history', async () => {
    await open('/devices');
    await page.getByText('EROT-00001').first().waitFor({ timeout: WAIT_MS });
    await page.locator('[role="grid"]').focus();
    await page.keyboard.press('End');
    await page.getByText('TURB-25000').first().waitFor({ timeout: WAIT_MS });
    await open('/devices/TURB-00001');
    await page.getByRole('heading', { name: 'TURB-00001' }).waitFor({ timeout: WAIT_MS });
  });

  test('a search narrows the list and stands in the address', async () => {
    await open('/devices');
    await page.getByPlaceholder('Search device id').fill('THRM-0042');
    await page.getByText('THRM-00420').first().waitFor({ timeout: WAIT_MS });
    assert.equal(await page.getByText('EROT-00001').count(), 0);
    assert.match(page.url(), /q=THRM-0042/);
  });

  test('no page throws, and none asks another host for anything', () => {
    assert.deepEqual(complaints, []);
  });
});
