/** Against answers in the API's form; that the real API answers so, and what it counts, system tests cover. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { answerFromData } from './answer.ts';
import { assertNumbersStand } from './database.fixture.ts';
import { asked } from './question.ts';
import { planTelemetry } from './telemetry.ts';

const counts = (ALERT: number, WARN: number, OK: number, stale: number, unknown = 0) => {
  const reporting = ALERT + WARN + OK;
  return { total: reporting + stale + unknown, reporting, stale, unknown, OK, WARN, ALERT };
};
const place = { lat: 1, lon: 2, area: 'US-WEST' };
const SITES = {
  sites: [
    {
      ...{ site_id: 'TX-EAGLE', place: 'Texas', ...place, ...counts(30, 5, 1_000, 7, 3) },
      by_type: { turbine: counts(20, 5, 500, 7), ogd: counts(10, 0, 500, 0, 3) },
    },
    {
      ...{ site_id: 'WY-ALPHA', place: 'Wyoming', ...place, ...counts(12, 9, 1_020, 0) },
      by_type: { turbine: counts(12, 0, 520, 0), ogd: counts(0, 9, 500, 0) },
    },
  ],
};
const TURBINE = {
  ...{
    device_id: 'TURB-00912',
    device_type: 'turbine',
    site_id: 'WY-ALPHA',
    state: 'WARN',
    reported_state: 'WARN',
  },
  ...{ timestamp_utc: '2026-11-25T11:59:58.000Z', received_at: '2026-11-25T11:59:58.100Z', age_s: 2.04 },
  metrics: { rpm: 3487, vibration_mm_s: 7.25, exhaust_temp_c: 532.4 },
};

async function ask(question: string, answers: Readonly<Record<string, unknown>> = {}) {
  const paths: string[] = [];
  const fetchJson = async (path: string): Promise<unknown> => {
    paths.push(path);
    const known: Readonly<Record<string, unknown>> = { '/api/sites': SITES, ...answers };
    return known[path] ?? { total: 0, limit: 1, offset: 0, devices: [] };
  };
  const db = { query: () => Promise.reject(new Error('the live fleet is asked of the API alone')) };
  const answer = await answerFromData('telemetry', question, {
    db,
    fetchJson,
    nowMs: () => 0,
    nearPhotos: async () => [],
    timeoutMs: 1_000,
  });
  if (!answer.refused) assertNumbersStand(answer);
  return { ...answer, paths };
}

const page = {
  '/api/devices?device_id=TURB-00912&limit=1': { total: 1, limit: 1, offset: 0, devices: [TURBINE] },
};

describe('the live fleet', () => {
  test('sites with the most devices in a state come first, with their share', async () => {
    const { answer, data } = await ask('Which sites have the most devices in ALERT?');
    assert.equal(answer, 'TX-EAGLE has the most devices in ALERT: 30 of 1,045 (2.9 %). Next: WY-ALPHA (12).');
    assert.deepEqual(
      data[0]?.rows.map(({ name, matching }) => [name, matching]),
      [
        ['TX-EAGLE', 30],
        ['WY-ALPHA', 12],
      ],
    );
    assert.match(
      (await ask('Which site has the fewest devices in ALERT?')).answer,
      /^WY-ALPHA has the fewest/,
    );
    assert.match(
      (await ask('Which device type has the most alarms?')).answer,
      /^turbine has the most devices in ALERT: 32/,
    );
    assert.match(
      (await ask('Which sites have stale devices?')).answer,
      /^TX-EAGLE has the most stale devices: 7/,
    );
  });

  test('devices are counted by state, type and site', async () => {
    assert.match(
      (await ask('How many devices are there?')).answer,
      /^There are 2,086 devices in the fleet\.$/,
    );
    assert.match(
      (await ask('How many turbines are in ALERT in Texas?')).answer,
      /^There are 20 turbines in ALERT at TX-EAGLE, of 532 \(3\.8 %\)/,
    );
    assert.match((await ask('How many devices are reporting?')).answer, /^There are 2,076 reporting devices/);
    assert.match(
      (await ask('How many devices never reported?')).answer,
      /^There are 3 devices that never reported/,
    );
    assert.match(
      (await ask('What is the status of the fleet?')).answer,
      /^Of 2,086 devices, 42 in ALERT, 14 in WARN, 2,020 in OK, 7 stale and 3 /,
    );
  });

  test('a named device comes with its state, last reading and the metric that was asked for', async () => {
    const { answer } = await ask('What is the state of TURB-00912?', page);
    assert.match(
      answer,
      /^TURB-00912 \(turbine at WY-ALPHA\) is WARN; its last reading is of 2026-11-25T11:59:58\.000Z: rpm 3,487, /,
    );
    assert.match((await ask('exhaust temperature of turb-912', page)).answer, /Z: exhaust_temp_c 532\.4\.$/);
    assert.match(
      (await ask('What is the vibration of TURB-00912?', page)).answer,
      /Z: vibration_mm_s 7\.25\.$/,
    );
    const missing = await ask('What is the state of TURB-99999?');
    assert.equal(missing.refused, true);
    assert.match(missing.answer, /No device TURB-99999 is registered/);
  });

  test('devices of a type, state and site are listed by fixed requests', async () => {
    const path = '/api/devices?state=ALERT&site_id=TX-EAGLE&device_type=turbine&limit=20';
    const { answer, paths } = await ask('Which turbines are in ALERT at TX-EAGLE?', {
      [path]: { total: 20, limit: 20, offset: 0, devices: [TURBINE] },
    });
    assert.deepEqual(paths, [path]);
    assert.match(answer, /^20 devices match \(turbines in ALERT at TX-EAGLE\); the first are TURB-00912\.$/);
  });

  test('sites are counted as sites, and a state without a device is understood', async () => {
    assert.equal(
      (await ask('How many sites are there?')).answer,
      'There are 2 sites: TX-EAGLE and WY-ALPHA.',
    );
    assert.match(
      (await ask('How many alerts are active?')).answer,
      /^There are 42 devices in ALERT in the fleet/,
    );
    assert.match(
      (await ask('Which site is in the worst state?')).answer,
      /^TX-EAGLE has the most devices in ALERT: 30/,
    );
    assert.deepEqual((await ask('devices that never reported')).paths, [
      '/api/devices?state=UNKNOWN&limit=20',
    ]);
  });

  test('OK-BRAVO is a site, not the state OK', () => {
    const plan = planTelemetry(asked('How many devices are in ALERT at OK-BRAVO?', 0));
    assert.deepEqual(plan?.parameters, { scope: { sites: ['OK-BRAVO'], types: [] }, states: ['ALERT'] });
  });

  test('an answer of the API in another form is refused as unavailable', async () => {
    await assert.rejects(
      ask('How many devices are there?', { '/api/sites': { sites: [{ site_id: 1 }] } }),
      /another form/,
    );
  });

  test('a question about something else is refused with questions that can be asked', async () => {
    const { refused, suggestions } = await ask('What is the dividend?');
    assert.equal(refused, true);
    for (const suggestion of suggestions)
      assert.notEqual(planTelemetry(asked(suggestion, 0)), null, suggestion);
  });
});
