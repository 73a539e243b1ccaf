/** Which requests of the access log a question is about. Pure; the SQL is fixed, what is asked are its parameters. */
import { isIP } from 'node:net';
import type { Asked } from './question.ts';
import { type TimeWindow, windowAsked } from './window.ts';

/** Statuses low to high, both included. */
type Statuses = { readonly low: number; readonly high: number; readonly words: string };

export type LogFilter = {
  readonly window: TimeWindow;
  readonly statuses: Statuses | null;
  readonly method: string | null;
  /** How the path begins. */
  readonly path: string | null;
  readonly address: string | null;
};

/** A condition on access_log; `valuesOf` gives $1 to $7. Planned with the values, so that what is null costs nothing. */
export const MATCHES = `($1::timestamptz IS NULL OR at >= $1) AND ($2::timestamptz IS NULL OR at < $2)
  AND ($3::integer IS NULL OR status >= $3::integer) AND ($4::integer IS NULL OR status <= $4::integer)
  AND ($5::text IS NULL OR method = $5) AND ($6::text IS NULL OR starts_with(path, $6))
  AND ($7::text IS NULL OR remote = $7)`;

export function valuesOf({ window, statuses, method, path, address }: LogFilter): readonly unknown[] {
  const at = (ms: number | null): string | null => (ms === null ? null : new Date(ms).toISOString());
  return [
    at(window.fromMs),
    at(window.toMs),
    statuses?.low ?? null,
    // Nothing is above 599, and a condition less lets the index on errors answer alone.
    statuses === null || statuses.high >= 599 ? null : statuses.high,
    method,
    path,
    address,
  ];
}

const exactly = (status: number, meaning = ''): Statuses => ({
  low: status,
  high: status,
  words: meaning === '' ? `status ${status}` : `status ${status} (${meaning})`,
});
const between = (low: number, high: number, meaning: string): Statuses => ({
  low,
  high,
  words: `statuses ${low}-${high} (${meaning})`,
});

const ERRORS = between(400, 599, 'errors');

/** First match counts. */
const STATUS_WORDS: readonly (readonly [RegExp, Statuses])[] = [
  [
    /\b(?:failed|rejected|unsuccessful) (?:logins?|log-ins?|sign-ins?|authentications?)\b/,
    exactly(401, 'not logged in'),
  ],
  [/\bunauthori[sz]ed\b|\bauthentication (?:errors?|failures?)\b/, exactly(401, 'not logged in')],
  [/\bforbidden\b|\baccess denied\b/, exactly(403, 'forbidden')],
  [
    /\bnot[ -]found\b|\bbroken links?\b|\bmissing (?:pages?|files?|paths?|urls?)\b/,
    exactly(404, 'not found'),
  ],
  [/\brate[ -]limited\b|\btoo many requests\b|\bthrottled\b/, exactly(429, 'too many requests')],
  [/\bbad gateways?\b/, exactly(502, 'bad gateway')],
  [/\bservice unavailable\b/, exactly(503, 'unavailable')],
  [/\b5xx\b|\bserver[ -](?:side )?errors?\b|\bserver failures?\b/, between(500, 599, 'server errors')],
  [/\b4xx\b|\bclient[ -](?:side )?errors?\b|\bbad requests?\b/, between(400, 499, 'client errors')],
  [/\b3xx\b|\bredirect(?:s|ed|ions?)?\b/, between(300, 399, 'redirects')],
  [/\b2xx\b|\bsuccess(?:es|ful|fully)?\b|\bsucceeded\b/, between(200, 299, 'success')],
  [/\berrors?\b|\bfail(?:s|ed|ing|ures?)?\b|\berroneous\b/, ERRORS],
];

const NAMED_STATUS = /\b(?:status(?:es)?(?: codes?)?|codes?|http)(?: of| is| =| was)? ?(\d{1,9})\b/;
const BARE_STATUS =
  /(?<![\w.,:/-])(2\d\d|3\d\d|4\d\d|5\d\d)(?:s|'s)?(?![\w.,:/-]*\d)(?! ?(?:ms|milliseconds?|seconds?|minutes?|hours?|days?|requests?|rows?|entries)\b)/;
const KNOWN = /^(?:20[0-6]|30[0-8]|4[0-2]\d|43[01]|451|50\d|51[01])$/;
const AFTER_LIMIT = /\b(?:top|first|last|latest) $/;

/** A status that the question names and that does not exist; null: none. */
export function impossibleStatus({ text }: Asked): string | null {
  const named = NAMED_STATUS.exec(text)?.[1];
  return named === undefined || (Number(named) >= 100 && Number(named) <= 599) ? null : named;
}

function statusesAsked(text: string): Statuses | null {
  const named = NAMED_STATUS.exec(text)?.[1];
  if (named !== undefined) return exactly(Number(named));
  const bare = BARE_STATUS.exec(text);
  const number = bare?.[1] ?? '';
  const isLimit = Number(number) < 400 && AFTER_LIMIT.test(text.slice(0, bare?.index));
  if (KNOWN.test(number) && !isLimit) return exactly(Number(number));
  return STATUS_WORDS.find(([pattern]) => pattern.test(text))?.[1] ?? null;
}

const METHOD =
  /\b(get|post|put|patch|delete|head|options)(?:s|'s)?\b(?=[- ]+(?:requests?|method|calls?|errors?|to\b|\/))/;
const METHOD_NAMED = /\bmethod (get|post|put|patch|delete|head|options)\b/;
const PATH = /(?:^|[\s"'(])(\/[\w\-./~%@:+]{0,200})/;
const ADDRESS = /(?<![\w.:])(?:\d{1,3}(?:\.\d{1,3}){3}|[0-9a-f]{0,4}(?::[0-9a-f]{0,4}){2,7})(?![\w:])/g;

function addressNamed(text: string): string | null {
  return [...text.matchAll(ADDRESS)].map(([found]) => found).find((found) => isIP(found) !== 0) ?? null;
}

export function filterAsked(question: Asked): LogFilter {
  const { text } = question;
  const path = PATH.exec(text)?.[1]?.replace(/[.:]+$/, '');
  return {
    window: windowAsked(question),
    statuses: statusesAsked(text),
    method: (METHOD.exec(text) ?? METHOD_NAMED.exec(text))?.[1]?.toUpperCase() ?? null,
    path: path === undefined || path === '' ? null : path,
    address: addressNamed(text),
  };
}

/** As the explanation of a table says it: "access log, the last 24 hours, statuses 400-599 (errors)". */
export function filterWords({ window, statuses, method, path, address }: LogFilter): string {
  const parts = ['access log', window.words];
  if (statuses !== null) parts.push(statuses.words);
  if (method !== null) parts.push(`method ${method}`);
  if (path !== null) parts.push(`paths that begin with ${path}`);
  if (address !== null) parts.push(`address ${address}`);
  return parts.join(', ');
}
