/** Timestamps of readings: ISO 8601 with a zone, as Unix milliseconds. */

const ISO = /^\d{4}-\d{2}-\d{2}T([01]\d|2[0-3]):\d{2}:\d{2}(\.\d{1,9})?(Z|[+-]\d{2}:\d{2})$/;
const MINUTE_MS = 60_000;

/** The minute that most readings of a moment share, so that its date is worked out once. */
let cachedMinute = '';
let cachedMinuteMs = 0;

/**
 * NaN for anything that is not a full date, time and zone. The usual form `YYYY-MM-DDTHH:MM:SS[.mmm]Z` costs
 * a comparison and a few digits; the others go through the regular expression.
 */
export function parseTimestamp(text: string): number {
  const { length } = text;
  const usual = (length === 20 || length === 24) && text.charCodeAt(length - 1) === 90;
  if (!usual || text.charCodeAt(16) !== 58 || (length === 24 && text.charCodeAt(19) !== 46))
    return parseSlow(text);
  const minute = text.slice(0, 16);
  if (minute !== cachedMinute) {
    const minuteMs = parseSlow(`${minute}:00Z`);
    if (Number.isNaN(minuteMs)) return Number.NaN;
    cachedMinute = minute;
    cachedMinuteMs = minuteMs;
  }
  const seconds = digits(text, 17, 2);
  const millis = length === 24 ? digits(text, 20, 3) : 0;
  return seconds * 1_000 >= MINUTE_MS ? Number.NaN : cachedMinuteMs + seconds * 1_000 + millis;
}

function parseSlow(text: string): number {
  return ISO.test(text) && isCalendarDay(text) ? Date.parse(text) : Number.NaN;
}

/** Date.parse takes February 30 for March 2: a day that does not exist must come back as it was written. */
function isCalendarDay(text: string): boolean {
  return new Date(Date.parse(text.slice(0, 10))).getUTCDate() === Number(text.slice(8, 10));
}

/** `count` decimal digits at `from`; NaN when one is not a digit. */
function digits(text: string, from: number, count: number): number {
  let value = 0;
  for (let i = from; i < from + count; i++) {
    const digit = text.charCodeAt(i) - 48;
    if (digit < 0 || digit > 9) return Number.NaN;
    value = value * 10 + digit;
  }
  return value;
}
