/**
 * One line of a log in the combined or the common format of Apache and nginx:
 *
 *   remote identity user [10/Oct/2000:13:55:36 -0700] "GET /path HTTP/1.0" 200 2326 "referer" "user agent"
 *
 * https://httpd.apache.org/docs/2.4/logs.html#combined. Inside quotes both servers escape a quote with a backslash.
 * Scanned by hand: lines are hostile, and this takes time in proportion to their length. Pure.
 */
import { type AccessEntry, printable } from '../lib/access-log.ts';

export type CombinedLine = Omit<AccessEntry, 'id' | 'source'>;
export type Parsed =
  | { readonly ok: true; readonly line: CombinedLine }
  | { readonly ok: false; readonly reason: string };

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const DATE = /^(\d{2})\/([A-Z][a-z]{2})\/(\d{4}):(\d{2}):(\d{2}):(\d{2}) ([+-])(\d{2})(\d{2})$/;
const RESULT = /^ (\d{3}) (\d{1,15}|-)(?: |$)/;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const MINUTE_MS = 60_000;

const refuse = (reason: string): Parsed => ({ ok: false, reason });

/** Dates come in runs of the same second. */
let lastDate = { text: '', atMs: Number.NaN };

/** Unix milliseconds; NaN when it is no date of the calendar. */
function parseDate(text: string): number {
  if (text !== lastDate.text) lastDate = { text, atMs: readDate(text) };
  return lastDate.atMs;
}

function readDate(text: string): number {
  const match = DATE.exec(text);
  if (match === null) return Number.NaN;
  const [, day, month, year, hour, minute, second, sign, zoneHours, zoneMinutes] = match;
  const monthIndex = MONTHS.indexOf(month ?? '');
  const date = new Date(
    Date.UTC(Number(year), monthIndex, Number(day), Number(hour), Number(minute), Number(second)),
  );
  const exists =
    monthIndex >= 0 &&
    date.getUTCDate() === Number(day) &&
    Number(hour) < 24 &&
    Number(minute) < 60 &&
    // A leap second is the next minute's first.
    Number(second) <= 60;
  if (!exists) return Number.NaN;
  const zoneMs = (Number(zoneHours) * 60 + Number(zoneMinutes)) * MINUTE_MS;
  return date.getTime() - (sign === '-' ? -zoneMs : zoneMs);
}

/** Where the quote that ends the text from `from` stands; -1 when none does. */
function closingQuote(line: string, from: number): number {
  for (let at = from; at < line.length; at++) {
    const code = line.charCodeAt(at);
    if (code === BACKSLASH) at++;
    else if (code === QUOTE) return at;
  }
  return -1;
}

const unquoted = (text: string): string => (text.includes('\\') ? text.replaceAll('\\"', '"') : text);

const given = (field: 'user' | 'referer' | 'userAgent', text: string): string | null =>
  text === '-' || text === '' ? null : printable(field, unquoted(text));

/** A request that could not be read is logged as "-" or as the bytes that came. */
function splitRequest(request: string): Pick<CombinedLine, 'method' | 'path' | 'protocol'> {
  const methodEnds = request.indexOf(' ');
  const pathEnds = request.lastIndexOf(' ');
  const method = request.slice(0, Math.max(0, methodEnds));
  if (!/^[A-Z]{1,32}$/.test(method)) {
    return { method: '-', path: printable('path', request), protocol: '-' };
  }
  const hasProtocol = pathEnds > methodEnds && request.startsWith('HTTP/', pathEnds + 1);
  return {
    method,
    path: printable('path', request.slice(methodEnds + 1, hasProtocol ? pathEnds : undefined)),
    protocol: hasProtocol ? printable('protocol', request.slice(pathEnds + 1)) : '-',
  };
}

/** `reason` names what is wrong with a line that cannot be read. */
export function parseCombinedLine(line: string): Parsed {
  const remoteEnds = line.indexOf(' ');
  if (remoteEnds <= 0) return refuse('no address');
  const identityEnds = line.indexOf(' ', remoteEnds + 1);
  const dateEnds = line.indexOf('] "', identityEnds);
  const dateBegins = line.lastIndexOf(' [', dateEnds);
  if (identityEnds < 0 || dateEnds < 0 || dateBegins <= identityEnds) return refuse('no date in brackets');
  const atMs = parseDate(line.slice(dateBegins + 2, dateEnds));
  if (Number.isNaN(atMs)) return refuse('not a date');
  const requestBegins = dateEnds + 3;
  const requestEnds = closingQuote(line, requestBegins);
  if (requestEnds < 0) return refuse('the request has no end');
  const result = RESULT.exec(line.slice(requestEnds + 1, requestEnds + 32));
  if (result === null) return refuse('no status and size');
  const [matched, status, size] = result;
  const [referer, userAgent] = quoted(line, requestEnds + 1 + matched.length);
  if (Number(status) < 100 || Number(status) > 599) return refuse('not a status');
  return {
    ok: true,
    line: {
      atMs,
      remote: printable('remote', line.slice(0, remoteEnds)),
      user: given('user', line.slice(identityEnds + 1, dateBegins)),
      ...splitRequest(unquoted(line.slice(requestBegins, requestEnds))),
      status: Number(status),
      bytes: size === '-' ? 0 : Number(size),
      referer: given('referer', referer),
      userAgent: given('userAgent', userAgent),
      seconds: null,
    },
  };
}

/** The next two quoted texts, of the combined format; the common one has none, other formats have more. */
function quoted(line: string, from: number): [string, string] {
  const found: string[] = [];
  for (let at = from; found.length < 2 && line.charCodeAt(at) === QUOTE; ) {
    const ends = closingQuote(line, at + 1);
    if (ends < 0) break;
    found.push(line.slice(at + 1, ends));
    at = ends + 2;
  }
  return [found[0] ?? '-', found[1] ?? '-'];
}
