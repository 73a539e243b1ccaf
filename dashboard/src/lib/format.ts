/** How numbers, sizes, ages and times read on the page. Everything is UTC and en-US, like the logs and the API. */

const COUNT = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 });
const ABSENT = '–';

export function formatCount(n: number): string {
  return COUNT.format(n);
}

/** Bytes in IEC units with three significant digits: 0 B, 812 B, 7.31 GiB. */
export function formatBytes(bytes: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'];
  let value = bytes;
  let unit = 0;
  while (Math.abs(value) >= 1000 && unit < units.length - 1) {
    value /= 1024;
    unit += 1;
  }
  return `${unit === 0 ? COUNT.format(value) : significant(value)} ${units[unit]}`;
}

/** A rate per second without its unit: 0, 0.4, 998, 1,002, 103.2k, 1.04M. */
export function formatRate(perSecond: number): string {
  if (perSecond === 0) return '0';
  if (perSecond < 10) return perSecond.toFixed(1);
  if (perSecond < 99_999.5) return COUNT.format(perSecond);
  if (perSecond < 999_950) return `${(perSecond / 1e3).toFixed(1)}k`;
  return `${(perSecond / 1e6).toFixed(2)}M`;
}

/** A duration in milliseconds: 0.8 ms, 42 ms, 1.2 s, 41 s, 3 min 20 s. */
export function formatMs(ms: number): string {
  if (ms < 9.95) return `${ms.toFixed(1)} ms`;
  if (ms < 999.5) return `${Math.round(ms)} ms`;
  if (ms < 9950) return `${(ms / 1000).toFixed(1)} s`;
  return formatAge(ms / 1000);
}

/** An age in seconds, two units at most: < 1 s, 12 s, 3 min 20 s, 2 h 5 min, 3 d 4 h. */
export function formatAge(seconds: number): string {
  if (seconds < 1) return '< 1 s';
  const s = Math.floor(seconds);
  if (s < 60) return `${s} s`;
  if (s < 3600) return two(Math.floor(s / 60), 'min', s % 60, 's');
  if (s < 86_400) return two(Math.floor(s / 3600), 'h', Math.floor((s % 3600) / 60), 'min');
  return two(Math.floor(s / 86_400), 'd', Math.floor((s % 86_400) / 3600), 'h');
}

function two(a: number, unitA: string, b: number, unitB: string): string {
  return b === 0 ? `${a} ${unitA}` : `${a} ${unitA} ${b} ${unitB}`;
}

/** Time of day in UTC: 12:30:45. */
export function formatTime(iso: string): string {
  const date = new Date(iso);
  return Number.isNaN(date.getTime()) ? ABSENT : date.toISOString().slice(11, 19);
}

/** Date and time in UTC: 2026-11-16 12:30:45. */
export function formatDateTime(iso: string): string {
  const date = new Date(iso);
  return Number.isNaN(date.getTime()) ? ABSENT : date.toISOString().slice(0, 19).replace('T', ' ');
}

/** A tick of a time axis (Unix seconds) as short as its step allows, in UTC: 11-16, 12:30, 12:30:45. */
export function formatTick(time_s: number, step_s: number): string {
  const iso = new Date(time_s * 1000).toISOString();
  const midnight = time_s % 86_400 === 0;
  if (step_s >= 86_400 || (midnight && step_s >= 3600)) return iso.slice(5, 10);
  return iso.slice(11, step_s < 60 ? 19 : 16);
}

/** A part of a whole in percent; small parts that are not nothing do not read as 0. */
export function formatShare(part: number, whole: number): string {
  if (whole === 0) return ABSENT;
  const pct = (part / whole) * 100;
  if (pct > 0 && pct < 0.01) return '< 0.01 %';
  if (pct < 100 && pct > 99.99) return '> 99.99 %';
  if (pct === 0 || pct === 100) return `${pct} %`;
  return `${pct.toFixed(pct < 10 ? 2 : 1)} %`;
}

/** Three significant digits without exponent: 7.31, 12.8, 931. */
function significant(value: number): string {
  const size = Math.abs(value);
  return value.toFixed(size < 9.995 ? 2 : size < 99.95 ? 1 : 0);
}

/** A metric's value with decimals by size, so that a column of it keeps its width: 0.94, 2.10, 91.3, 12,850. */
export function formatMetric(value: number): string {
  const size = Math.abs(value);
  if (size >= 1000) return COUNT.format(value);
  return value.toFixed(size < 9.995 ? 2 : 1);
}
