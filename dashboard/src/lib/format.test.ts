import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  formatAge,
  formatBytes,
  formatDateTime,
  formatMetric,
  formatMs,
  formatRate,
  formatShare,
  formatTick,
  formatTime,
} from './format.ts';

test('ages have two units at most', () => {
  const cases: [number, string][] = [
    [0.4, '< 1 s'],
    [59.9, '59 s'],
    [60, '1 min'],
    [200, '3 min 20 s'],
    [7500, '2 h 5 min'],
    [273_600, '3 d 4 h'],
  ];
  for (const [seconds, text] of cases) assert.equal(formatAge(seconds), text);
});

test('durations switch units without jumping back', () => {
  assert.equal(formatMs(0.84), '0.8 ms');
  assert.equal(formatMs(9.96), '10 ms');
  assert.equal(formatMs(999.6), '1.0 s');
  assert.equal(formatMs(41_234), '41 s');
});

test('bytes keep three digits, negative ones too', () => {
  assert.equal(formatBytes(0), '0 B');
  assert.equal(formatBytes(999), '999 B');
  assert.equal(formatBytes(1000), '0.98 KiB');
  assert.equal(formatBytes(7.31 * 2 ** 30), '7.31 GiB');
  assert.equal(formatBytes(-2048), '-2.00 KiB');
});

test('rates shorten only where digits stop mattering', () => {
  assert.equal(formatRate(0), '0');
  assert.equal(formatRate(0.42), '0.4');
  assert.equal(formatRate(1002.3), '1,002');
  assert.equal(formatRate(103_240), '103.2k');
  assert.equal(formatRate(1_040_000), '1.04M');
});

test('a share that is not all or nothing does not read so', () => {
  assert.equal(formatShare(0, 10), '0 %');
  assert.equal(formatShare(1, 100_000), '< 0.01 %');
  assert.equal(formatShare(99_999, 100_000), '> 99.99 %');
  assert.equal(formatShare(10, 10), '100 %');
  assert.equal(formatShare(3, 0), '–');
});

test('times are UTC and unreadable ones are a dash', () => {
  assert.equal(formatTime('2026-11-16T12:30:45+01:00'), '11:30:45');
  assert.equal(formatDateTime('2026-11-16T12:30:45Z'), '2026-11-16 12:30:45');
  assert.equal(formatTime('soon'), '–');
});

test('metric decimals follow size', () => {
  assert.equal(formatMetric(0.94), '0.94');
  assert.equal(formatMetric(-72), '-72.0');
  assert.equal(formatMetric(12_850.4), '12,850');
});

test('ticks are as short as their step allows', () => {
  const noon = Date.parse('2026-11-16T12:00:00Z') / 1000;
  assert.equal(formatTick(noon, 3600), '12:00');
  assert.equal(formatTick(noon, 10), '12:00:00');
  assert.equal(formatTick(noon + 12 * 3600, 3600), '11-17');
  assert.equal(formatTick(noon, 86_400), '11-16');
});
