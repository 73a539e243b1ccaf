import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { formatBurn, formatFigure, formatNines } from './figures.ts';

describe('figures of Observability', () => {
  it('say their unit', () => {
    assert.deepEqual(
      [
        formatFigure(99.99999, 'percent'),
        formatFigure(100, 'percent'),
        formatFigure(62.25, 'percent'),
        formatFigure(0.0421, 'seconds'),
        formatFigure(1024 * 1024, 'bytes'),
        formatFigure(0.128, 'cores'),
        formatFigure(3, 'count'),
        formatFigure(2.5, 'count'),
        formatFigure(1_002, 'per_second'),
        formatFigure(null, 'count'),
      ],
      ['99.999 %', '100 %', '62.2 %', '42 ms', '1.00 MiB', '0.13', '3', '2.5', '1,002/s', '–'],
    );
  });

  it('have as many nines as were earned, and are not rounded up', () =>
    assert.deepEqual([1, 0.9999999, 0.99997, 0.9966, 0.5, 0, null].map(formatNines), [
      '100 %',
      '99.999990 %',
      '99.997 %',
      '99.6 %',
      '50.0 %',
      '0.0 %',
      '–',
    ]));

  it('say how fast a budget burns', () =>
    assert.deepEqual([null, 0, 0.42, 14.4, 8_861.3].map(formatBurn), ['–', '0', '0.4 ×', '14 ×', '8,861 ×']));
});
