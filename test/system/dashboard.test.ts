import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { launchBrowser } from '../../bench/chromium.ts';
import { until } from '../../src/lib/eventually.ts';
import { lines, makePdf } from '../../src/rag/extract/pdf.fixture.ts';
import { fits, noBrowser, openPage } from './harness/browser.ts';
import { Questions } from './harness/questions.ts';
import { type System, startSystem } from './harness/system.ts';

const WAIT_MS = 20_000;

describe('the dashboard in a real browser', { skip: noBrowser }, () => {
  let system: System;
  let browser: Browser;
  let page: Page;
  let complaints: string[];

  before(async () => {
    system = await startSystem({ simulators: true, rate: 5_000, users: 50, rag: true, vision: true });
    browser = await launchBrowser();
    ({ page, complaints } = await openPage(browser));
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

  test('the logs show what this browser asked for, and a status that is picked stands in the address', async () => {
    await system.api('/api/devices/NOT-THERE');
    await open('/logs?path=not-there');
    await page.getByRole('cell', { name: '/api/devices/NOT-THERE' }).first().waitFor({ timeout: WAIT_MS });
    await page.getByRole('button', { name: '404' }).first().click();
    await page.waitForURL(/status=404/, { timeout: WAIT_MS });
    await page.getByRole('button', { name: 'Clear' }).click();
    await page.waitForURL(/\/logs$/, { timeout: WAIT_MS });
  });

  test('the users page shows who is on, and a region that is picked stands in the address', async () => {
    await open('/users');
    await page
      .getByText(/[a-z]+\.[a-z]+\.000\d\d/)
      .first()
      .waitFor({ timeout: WAIT_MS });
    await page.getByRole('button', { name: /APAC/ }).first().click();
    await page.waitForURL(/region=APAC/, { timeout: WAIT_MS });
  });

  test('a question is answered with what it rests on, and a PDF opens at its page with the passage marked', async () => {
    const service = new Questions(system.at);
    const texts = ['This page is about something else.', 'The feed pump P-17 delivers 420 litres a minute.'];
    const pages = texts.map((text) => ({ texts: lines(50, 700, 12, text) }));
    await service.read('pumps.pdf', makePdf(pages, { title: 'Pumps' }));
    await open('/query');
    await page
      .getByRole('textbox', { name: 'Question' })
      .fill('How many litres a minute does the feed pump P-17 deliver?');
    await page.keyboard.press('Enter');
    await page.waitForURL(/\/query\?q=How\+many/, { timeout: WAIT_MS });
    await page.getByRole('button', { name: 'Source 1' }).first().click();
    await page.getByText('PDF page 2 of 2').waitFor({ timeout: WAIT_MS });
    await page.locator('.pdf-mark').first().waitFor({ timeout: WAIT_MS });
    await page.keyboard.press('Escape');
    await page.waitForURL((url) => !url.search.includes('cite='), { timeout: WAIT_MS });
    await page.getByRole('button', { name: 'Delete Pumps' }).click();
    await page.getByRole('button', { name: 'Delete', exact: true }).last().click();
    await until('it is gone', WAIT_MS, async () =>
      (await service.documents()).documents.every(({ title }) => title !== 'Pumps'),
    );
  });

  test('cameras: people stand in boxes, a filter stands in the address, and a person is corrected by keyboard', async () => {
    await open('/cameras?sort=newest');
    const cards = page.locator('.photo-card:has(.box)');
    await cards.first().waitFor({ timeout: 3 * WAIT_MS });
    await page.getByText('simulated', { exact: true }).first().waitFor({ timeout: WAIT_MS });
    await page.getByRole('combobox', { name: 'Hard hat' }).selectOption('yes');
    await page.waitForURL(/hat=yes/);
    await cards.first().waitFor({ timeout: WAIT_MS });
    await cards.first().click();
    await page.getByText('Person 1', { exact: true }).waitFor({ timeout: WAIT_MS });
    assert.match(page.url(), /image=/);
    await page.keyboard.press('v');
    await page.getByLabel('Who').fill('Ann');
    await page.getByLabel('Why').fill('seen on site');
    await page.keyboard.press('Enter');
    await page.getByText('by a person').first().waitFor({ timeout: WAIT_MS });
    await page.getByText('Ann', { exact: true }).waitFor({ timeout: WAIT_MS });
    await page.keyboard.press('Escape');
    await page.getByText('From 1 reviewed photos.').waitFor({ timeout: 2 * WAIT_MS });
  });

  test('no page scrolls sideways, however wide the window', async () => {
    const shown = {
      '/': '.site-link',
      '/devices': '[role=row]',
      '/users': '.table-sessions td',
      '/cameras': '.photo-card',
      '/query': '.document-list li',
      '/logs': '.table-entries td',
      '/failover': 'h2',
      '/observability': '.table-windows td',
    };
    for (const [path, part] of Object.entries(shown)) {
      await open(path);
      await page.locator(part).first().waitFor({ timeout: WAIT_MS });
      for (const width of [390, 800, 1_024, 1_280]) {
        await page.setViewportSize({ width, height: 844 });
        await fits(page, width, path);
      }
    }
    await page.setViewportSize({ width: 1440, height: 900 });
  });

  test('no page throws, and none asks another host for anything', () => {
    assert.deepEqual(complaints, []);
  });
});
