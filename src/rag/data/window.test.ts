import assert from 'node:assert/strict';
import { test } from 'node:test';
import { asked, devicesNamed, rowsAsked, sitesNamed, typesNamed } from './question.ts';
import { windowAsked } from './window.ts';

/** A Wednesday. */
const NOW_MS = Date.parse('2026-11-25T12:34:56Z');
const iso = (ms: number | null): string | null =>
  ms === null ? null : new Date(ms).toISOString().slice(0, 16);

test('intervals in words become times in UTC', () => {
  const meant: readonly (readonly [string, string | null, string | null])[] = [
    ['errors', null, null],
    ['errors in the last hour', '2026-11-25T11:34', null],
    ['errors in the past 24 hours', '2026-11-24T12:34', null],
    ['errors of the last seven days', '2026-11-18T12:34', null],
    ['errors today', '2026-11-25T00:00', null],
    ['errors yesterday', '2026-11-24T00:00', '2026-11-25T00:00'],
    ['errors since yesterday', '2026-11-24T00:00', null],
    ['errors this week', '2026-11-23T00:00', null],
    ['errors since monday', '2026-11-23T00:00', null],
    ['errors on 2026-11-20', '2026-11-20T00:00', '2026-11-21T00:00'],
    ['errors since 2026-11-20', '2026-11-20T00:00', null],
    ['errors before 2026-11-20', null, '2026-11-20T00:00'],
    ['errors between 2026-11-01 and 2026-11-02', '2026-11-01T00:00', '2026-11-03T00:00'],
    ['errors in 2024', '2024-01-01T00:00', '2025-01-01T00:00'],
    ['errors in december 2025', '2025-12-01T00:00', '2026-01-01T00:00'],
    ['errors on 2026-02-30', null, null],
    ['errors of the last 99999 days', null, null],
  ];
  for (const [text, from, to] of meant) {
    const window = windowAsked(asked(text, NOW_MS));
    assert.deepEqual([iso(window.fromMs), iso(window.toMs)], [from, to], text);
  }
});

test('a number of rows is bounded, and neither a time nor a status is one', () => {
  const meant: readonly (readonly [string, number])[] = [
    ['top 5 paths', 5],
    ['the three slowest paths', 3],
    ['top 9999 paths', 50],
    ['top 0 paths', 1],
    ['top 404 paths', 10],
    ['errors of the last 7 days', 10],
    ['paths', 10],
  ];
  for (const [text, rows] of meant) assert.equal(rowsAsked(text), rows, text);
});

test('sites are known by id, place and area, devices and types by their names', () => {
  assert.deepEqual(sitesNamed('stale at tx-eagle and in wyoming'), ['WY-ALPHA', 'TX-EAGLE']);
  assert.deepEqual(sitesNamed('in us-north'), ['ND-RAVEN', 'MT-PEAK']);
  assert.deepEqual(sitesNamed('texaco'), []);
  assert.deepEqual(typesNamed('turbines and thermal engines'), ['turbine', 'thermal_engine']);
  assert.deepEqual(typesNamed('engineers'), []);
  assert.deepEqual(devicesNamed('turb-912, TURB-00912 and ogd-00001'.toLowerCase()), [
    'TURB-00912',
    'OGD-00001',
  ]);
});
