/** How the figures of Observability read. */
import type { PanelUnit } from '../../../src/api/observability-schemas.ts';
import { formatBytes, formatCount, formatMs, formatRate } from '../lib/format.ts';

/** Never rounded up: what is not whole does not read as 100 %. */
function floored(percent: number, digits: number): string {
  const scale = 10 ** digits;
  return `${(Math.floor(percent * scale + 1e-6) / scale).toFixed(digits)} %`;
}

/** A value of a panel with its unit: 12.5 MiB, 42 ms, 1,002/s, 0.13 cores. */
export function formatFigure(value: number | null | undefined, unit: PanelUnit): string {
  if (value === null || value === undefined) return '–';
  switch (unit) {
    case 'percent':
      return value === 100 ? '100 %' : floored(value, value < 99 ? 1 : 3);
    case 'seconds':
      return value === 0 ? '0' : formatMs(value * 1_000);
    case 'bytes':
      return value === 0 ? '0' : formatBytes(value);
    case 'cores':
      return value.toFixed(2);
    case 'count':
      return value < 10 && !Number.isInteger(value) ? value.toFixed(1) : formatCount(value);
    case 'per_second':
      return `${formatRate(value)}/s`;
  }
}

const UNIT_WORDS: Readonly<Record<PanelUnit, string>> = {
  percent: 'percent',
  seconds: 'time',
  bytes: 'bytes',
  cores: 'cores',
  count: 'number',
  per_second: 'per second',
};
export const unitWord = (unit: PanelUnit): string => UNIT_WORDS[unit];

/** As many nines as are earned, never rounded up: 99.9971 %. */
export function formatNines(share: number | null): string {
  if (share === null) return '–';
  if (share === 1) return '100 %';
  const nines = share <= 0 ? 0 : Math.floor(-Math.log10(1 - share) + 1e-9);
  const digits = Math.min(Math.max(nines - 1, 1), 7);
  return floored(share * 100, digits);
}

/** How fast a budget burns: 0, 0.4 ×, 12 ×, 8,861 ×. */
export function formatBurn(rate: number | null): string {
  if (rate === null) return '–';
  if (rate === 0) return '0';
  return `${rate < 10 ? rate.toFixed(1) : formatCount(rate)} ×`;
}
