import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseTimestamp } from './timestamp.ts';

const at = (year: number, month: number, day: number, ...time: number[]): number =>
  Date.UTC(year, month - 1, day, ...time);

describe('parseTimestamp', () => {
  const cases: readonly [text: string, ms: number][] = [
    ['2026-11-16T12:30:45Z', at(2026, 11, 16, 12, 30, 45)],
    ['2026-11-16T12:30:45.000Z', at(2026, 11, 16, 12, 30, 45)],
    ['2026-11-16T12:30:45.987Z', at(2026, 11, 16, 12, 30, 45, 987)],
    ['2026-11-16T12:30:59.999Z', at(2026, 11, 16, 12, 30, 59, 999)],
    ['2026-11-16T12:30:45.5Z', at(2026, 11, 16, 12, 30, 45, 500)],
    ['2026-11-16T12:30:45.123456789Z', at(2026, 11, 16, 12, 30, 45, 123)],
    ['2026-11-16T12:30:45+02:00', at(2026, 11, 16, 10, 30, 45)],
    ['2026-11-16T12:30:45.250-09:30', at(2026, 11, 16, 22, 0, 45, 250)],
    ['2024-02-29T00:00:00Z', at(2024, 2, 29)],
    ['2000-02-29T23:59:59Z', at(2000, 2, 29, 23, 59, 59)],
    ['1970-01-01T00:00:00Z', 0],
    ['1969-12-31T23:59:59.999Z', -1],
    ['9999-12-31T23:59:59.999Z', at(9999, 12, 31, 23, 59, 59, 999)],
    ['0001-01-01T00:00:00Z', Date.parse('0001-01-01T00:00:00Z')],
    ['2027-01-01T00:30:00+01:00', at(2026, 12, 31, 23, 30)],
  ];
  for (const [text, ms] of cases) {
    it(`reads ${text}`, () => assert.equal(parseTimestamp(text), ms));
  }

  const bad = [
    '2026-02-29T00:00:00Z',
    '1900-02-29T00:00:00Z',
    '2026-02-30T12:00:00Z',
    '2026-02-30T12:00:00.500Z',
    '2026-02-30T12:00:00+01:00',
    '2026-04-31T12:00:00Z',
    '2026-00-10T12:00:00Z',
    '2026-13-10T12:00:00Z',
    '2026-01-00T12:00:00Z',
    '2026-01-32T12:00:00Z',
    '2026-01-01T24:00:00Z',
    '2026-01-01T24:00:30Z',
    '2026-01-01T25:00:00Z',
    '2026-01-01T12:60:00Z',
    '2026-01-01T12:00:60Z',
    '2026-01-01T12:00:60+00:00',
    '2026-01-01T12:00:00+24:00',
    '2026-01-01T12:00:00+01:60',
    '2026-01-01T12:00:00',
    '2026-01-01T12:00Z',
    '2026-01-01',
    '2026-01-01 12:00:00Z',
    '2026-01-01t12:00:00z',
    '2026-1-01T12:00:00Z',
    '2026-01-01T12:00:0xZ',
    '2026-01-01T12:00:00,123Z',
    '2026-01-01T12:00:00.12xZ',
    '2026-01-01T12:00:00.Z',
    '2026-01-01T12:00:00.1234567890Z',
    ' 2026-01-01T12:00:00Z',
    '2026-01-01T12:00:00Z\n',
    '+002026-01-01T12:00:00Z',
    '1767225600000',
    '٢٠٢٦-01-01T12:00:00Z',
    'now',
    '',
  ];
  for (const text of bad) {
    it(`refuses ${JSON.stringify(text)}`, () => assert.ok(Number.isNaN(parseTimestamp(text))));
  }

  it('agrees with Date.parse on every day of four years, in whatever order they come', () => {
    const days = Array.from({ length: 1_461 }, (_, day) => at(2024, 1, 1) + day * 86_400_000);
    for (const ms of [...days, ...days.reverse()]) {
      const moment = ms + 45_296_789;
      assert.equal(parseTimestamp(new Date(moment).toISOString()), moment);
    }
  });

  it('keeps no half-read minute after a refused one', () => {
    const good = '2026-11-16T12:30:01Z';
    const before = parseTimestamp(good);
    assert.ok(Number.isNaN(parseTimestamp('2026-02-30T12:30:01Z')));
    assert.ok(Number.isNaN(parseTimestamp('2026-02-30T12:30:01Z')));
    assert.equal(parseTimestamp(good), before);
  });
});
