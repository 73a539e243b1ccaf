import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { BUDGET_S_PER_YEAR, claim, duration, percent, poissonUpperBound } from './availability.ts';

const near = (actual: number, expected: number, within: number): void =>
  assert.ok(Math.abs(actual - expected) <= within, `${actual} is not ${expected}`);

describe('what may be claimed', () => {
  it('is a budget of 3.16 s a year', () => near(BUDGET_S_PER_YEAR, 3.156, 0.001));

  // Garwood's table, one-sided 95 %: NIST, or chi-squared quantiles halved.
  for (const [events, bound] of [
    [0, 2.9957],
    [1, 4.7439],
    [2, 6.2958],
    [10, 16.9622],
    [100, 118.0788],
  ] as const) {
    it(`has the Poisson bound ${bound} after ${events} events`, () =>
      near(poissonUpperBound(events), bound, 0.001));
  }

  it('is nothing before the first second', () =>
    assert.deepEqual(claim(0, 0), {
      availability: null,
      at_least: null,
      at_best: null,
      text: 'nothing was observed yet',
    }));

  it('is at best 99.99 % after three good hours', () => {
    const { text, availability, at_least, at_best } = claim(3 * 3_600, 0);
    assert.equal(text, '3 h observed, none bad: at best 99.99 % can be claimed');
    assert.equal(availability, 1);
    near(at_best ?? 0, 0.999907, 1e-6);
    near(at_least ?? 0, 1 - 2.9957 / 10_800, 1e-6);
  });

  it('is what was measured when something was bad, and less than that is certain', () => {
    const { text, availability, at_least } = claim(86_400, 3);
    assert.equal(text, '24 h observed, 3 s bad: 99.99 %');
    assert.ok((at_least ?? 1) < (availability ?? 0));
  });

  it('is finite after an outage of a day', () => {
    const { at_least } = claim(200_000, 86_400);
    assert.ok(at_least !== null && at_least > 0.56 && at_least < 0.57);
  });

  it('never rounds up', () => {
    assert.deepEqual([0.9999999, 0.99999989, 0.9995, 0.99, 0.985, 0.5, 1].map(percent), [
      '99.99999 %',
      '99.9999 %',
      '99.9 %',
      '99 %',
      '98 %',
      '50.0 %',
      '100 %',
    ]);
  });

  it('names durations by the largest unit that is full', () =>
    assert.deepEqual([0, 59, 60, 3_599, 3_600, 90_000, 200_000].map(duration), [
      '0 s',
      '59 s',
      '1 min',
      '59 min',
      '1 h',
      '25 h',
      '2 d',
    ]));
});
