/** Answers out of the access log: a sentence with the top facts, and the table that it is taken from. */
import type { DataTable } from '../schemas.ts';
import type { PartialAnswer } from '../types.ts';
import {
  answered,
  counted,
  number,
  percent,
  type ReadDatabase,
  refusal,
  share,
  table,
  text,
  time,
  written,
  writtenShare,
} from './intent.ts';
import { filterWords, type LogFilter } from './log-filter.ts';
import * as queries from './log-queries.ts';

export type LogDeps = { readonly db: ReadDatabase; readonly nowMs: () => number };
export type Ranked = { readonly filter: LogFilter; readonly rows: number };

/** "errors", or "requests" of whatever kind the explanation names. */
const noun = ({ statuses }: LogFilter): string => {
  if (statuses === null) return 'requests';
  return statuses.low === 400 && statuses.high === 599 ? 'errors' : 'requests of that kind';
};

/** The answer to a query that found nothing: either nothing matches, or nothing is there at all. */
async function nothing({ db }: LogDeps, filter: LogFilter): Promise<PartialAnswer> {
  if (await queries.isEmpty(db)) {
    return refusal(
      'logs',
      'The access log holds no entries yet; import a log, or send requests to the front door.',
      [],
    );
  }
  const explanation = filterWords(filter);
  const none = table({
    ...{ source: 'logs', title: 'Matching requests', explanation },
    columns: [text('what', 'What'), number('requests', 'Requests')],
    rows: [{ what: explanation, requests: 0 }],
  });
  return answered('logs', `No request matches (${explanation}).`, [none]);
}

const logTable = (
  filter: LogFilter,
  parts: Omit<Parameters<typeof table>[0], 'source' | 'explanation'>,
  more = '',
): DataTable => table({ ...parts, source: 'logs', explanation: `${filterWords(filter)}${more}` });

export async function answerAddresses(
  deps: LogDeps,
  { filter, rows: limit }: Ranked,
): Promise<PartialAnswer> {
  const found = await queries.topAddresses(deps.db, { filter, rows: limit });
  const [first] = found;
  if (first === undefined) return nothing(deps, filter);
  const rows = found.map(({ address, requests, total, hits }) => ({
    ...{ address, requests, share: share(requests, total), hits },
  }));
  const what = noun(filter);
  const hits = first.hits === null ? '' : `; it asked most for ${first.hits}`;
  const next = rows.slice(1, 3).map((row) => `${row.address} (${written(row.requests)})`);
  const answer =
    `${first.address} caused the most ${what}: ${written(first.requests)}, ` +
    `${writtenShare(share(first.requests, first.total))} of all${hits}.` +
    (next.length === 0 ? '' : ` Next: ${next.join(', ')}.`);
  const result = logTable(filter, {
    title: `Addresses by ${what}`,
    columns: [
      text('address', 'Address'),
      number('requests', what === 'errors' ? 'Errors' : 'Requests'),
      percent('share', 'Share'),
      text('hits', 'Asked most for'),
    ],
    rows,
    chart: { kind: 'bar', x: 'address', y: 'requests' },
  });
  return answered('logs', answer, [result]);
}

export type RankedPaths = Ranked & { readonly order: queries.PathOrder };

export async function answerPaths(deps: LogDeps, parameters: RankedPaths): Promise<PartialAnswer> {
  const { filter, order } = parameters;
  const rows = await queries.topPaths(deps.db, parameters);
  const [first] = rows;
  if (first === undefined) return nothing(deps, filter);
  const facts = [
    counted(first.requests, 'request'),
    counted(first.errors, 'error'),
    ...(first.bytes === null ? [] : [counted(first.bytes, 'byte')]),
  ].join(', ');
  const title = filter.address === null ? `Paths by ${order}` : `What ${filter.address} asked for`;
  const lead =
    filter.address === null ? 'The path with the most' : `${filter.address}: the path with the most`;
  const result = logTable(filter, {
    title,
    columns: [
      text('path', 'Path'),
      number('requests', 'Requests'),
      number('errors', 'Errors'),
      ...(order === 'bytes' ? [number('bytes', 'Bytes')] : []),
    ],
    rows,
    chart: { kind: 'bar', x: 'path', y: order },
  });
  const next = rows.slice(1, 3).map((row) => `${row.path} (${written(row[order] ?? 0)})`);
  const rest = next.length === 0 ? '' : ` Next by ${order}: ${next.join(', ')}.`;
  return answered('logs', `${lead} ${order} is ${first.path}: ${facts}.${rest}`, [result]);
}

export async function answerStatuses(
  deps: LogDeps,
  { filter }: { readonly filter: LogFilter },
): Promise<PartialAnswer> {
  const found = await queries.statuses(deps.db, filter);
  const [first] = found;
  if (first === undefined) return nothing(deps, filter);
  const all = found.reduce((sum, { requests }) => sum + requests, 0);
  const errors = found.filter(({ status }) => status >= 400).reduce((sum, { requests }) => sum + requests, 0);
  const rows = [
    ...found.map(({ status, requests }) => ({
      status: String(status),
      requests,
      share: share(requests, all),
    })),
    { status: 'errors (400-599)', requests: errors, share: share(errors, all) },
    { status: 'all', requests: all, share: 1 },
  ];
  const answer =
    `Of ${counted(all, 'request')}, ${written(errors)} (${writtenShare(share(errors, all))}) were errors. ` +
    `The most frequent status is ${first.status}, ${counted(first.requests, 'time')}.`;
  const result = logTable(filter, {
    title: 'Requests by status',
    columns: [text('status', 'Status'), number('requests', 'Requests'), percent('share', 'Share')],
    rows,
    chart: { kind: 'bar', x: 'status', y: 'requests' },
  });
  return answered('logs', answer, [result]);
}

export async function answerCount(
  deps: LogDeps,
  { filter }: { readonly filter: LogFilter },
): Promise<PartialAnswer> {
  const { matching, all } = await queries.countRequests(deps.db, filter);
  if (matching === 0) return nothing(deps, filter);
  const what = noun(filter);
  const rows = [{ what, requests: matching, share: share(matching, all) }];
  if (filter.statuses !== null) rows.push({ what: 'all requests', requests: all, share: 1 });
  const part =
    filter.statuses === null ? '' : `, ${writtenShare(share(matching, all))} of ${counted(all, 'request')}`;
  const result = logTable(filter, {
    title: 'Requests counted',
    columns: [text('what', 'What'), number('requests', 'Requests'), percent('share', 'Share')],
    rows,
  });
  const said =
    matching === 1 ? `was 1 ${what.replace(/^(request|error)s/, '$1')}` : `were ${written(matching)} ${what}`;
  const sentence = `There ${said}${part} (${result.explanation}).`;
  return answered('logs', sentence, [result]);
}

export async function answerDifferent(
  deps: LogDeps,
  { filter }: { readonly filter: LogFilter },
): Promise<PartialAnswer> {
  const addresses = await queries.countAddresses(deps.db, filter);
  if (addresses === 0) return nothing(deps, filter);
  const result = logTable(filter, {
    title: 'Different addresses',
    columns: [text('what', 'What'), number('addresses', 'Addresses')],
    rows: [{ what: 'different addresses', addresses }],
  });
  const sentence = `Requests came from ${counted(addresses, 'different address', 'different addresses')}`;
  return answered('logs', `${sentence} (${result.explanation}).`, [result]);
}

export async function answerMethods(
  deps: LogDeps,
  { filter }: { readonly filter: LogFilter },
): Promise<PartialAnswer> {
  const rows = await queries.methods(deps.db, filter);
  const [first] = rows;
  if (first === undefined) return nothing(deps, filter);
  const result = logTable(filter, {
    title: 'Requests by method',
    columns: [text('method', 'Method'), number('requests', 'Requests'), number('errors', 'Errors')],
    rows,
    chart: { kind: 'bar', x: 'method', y: 'requests' },
  });
  const each = rows.slice(0, 4).map(({ method, requests }) => `${method} ${written(requests)}`);
  return answered('logs', `Requests by method: ${each.join(', ')}.`, [result]);
}

export async function answerAgents(deps: LogDeps, { filter, rows: limit }: Ranked): Promise<PartialAnswer> {
  const rows = await queries.userAgents(deps.db, { filter, rows: limit });
  const [first] = rows;
  if (first === undefined) return nothing(deps, filter);
  const result = logTable(filter, {
    title: 'User agents by requests',
    columns: [text('agent', 'User agent'), number('requests', 'Requests'), number('errors', 'Errors')],
    rows,
    chart: { kind: 'bar', x: 'agent', y: 'requests' },
  });
  const sentence = `The most frequent user agent is ${first.agent}: ${counted(first.requests, 'request')}, ${counted(first.errors, 'error')}.`;
  return answered('logs', sentence, [result]);
}

export async function answerSlow(deps: LogDeps, { filter, rows: limit }: Ranked): Promise<PartialAnswer> {
  const rows = await queries.slowestPaths(deps.db, { filter, rows: limit });
  const [first] = rows;
  if (first === undefined) return nothing(deps, filter);
  const result = logTable(
    filter,
    {
      title: 'Slowest paths',
      columns: [
        text('path', 'Path'),
        number('requests', 'Requests'),
        number('avg_ms', 'Average ms'),
        number('p95_ms', '95th percentile ms'),
        number('max_ms', 'Longest ms'),
      ],
      rows,
      chart: { kind: 'bar', x: 'path', y: 'avg_ms' },
    },
    `, of requests whose duration is known the newest ${written(queries.TIMED_REQUESTS)}`,
  );
  const sentence =
    `${first.path} is the slowest path on average: ${written(first.avg_ms)} ms over ${counted(first.requests, 'request')} ` +
    `(95th percentile ${written(first.p95_ms)} ms, longest ${written(first.max_ms)} ms).`;
  return answered('logs', sentence, [result]);
}

export async function answerTimeline(
  deps: LogDeps,
  { filter, y }: { readonly filter: LogFilter; readonly y: 'requests' | 'errors' },
): Promise<PartialAnswer> {
  const { widthS, points } = await queries.timeline(deps.db, filter, deps.nowMs());
  const most = points.reduce(
    (best, point) => (point[y] > best[y] ? point : best),
    points[0] ?? { at: '', requests: 0, errors: 0 },
  );
  if (points.length === 0) return nothing(deps, filter);
  const width =
    widthS >= 86_400
      ? `${widthS / 86_400} d`
      : widthS >= 3_600
        ? `${widthS / 3_600} h`
        : `${widthS / 60} min`;
  const result = logTable(
    filter,
    {
      title: y === 'errors' ? 'Errors over time' : 'Requests over time',
      columns: [time('at', 'From'), number('requests', 'Requests'), number('errors', 'Errors')],
      rows: [...points],
      chart: { kind: 'line', x: 'at', y },
    },
    `, by ${width}`,
  );
  const last = points.at(-1) ?? most;
  const sentence = `Most ${y} fell in the ${width} from ${most.at}: ${written(most[y])}; in the newest, from ${last.at}, there were ${written(last[y])}.`;
  return answered('logs', sentence, [result]);
}

export async function answerNewest(deps: LogDeps, { filter, rows: limit }: Ranked): Promise<PartialAnswer> {
  const found = await queries.newestEntries(deps.db, { filter, rows: limit });
  const [first] = found;
  if (first === undefined) return nothing(deps, filter);
  const rows = found.map((row) => ({ ...row, at: row.at.toISOString() }));
  const result = logTable(filter, {
    title: 'Newest entries',
    columns: [
      time('at', 'Time'),
      text('address', 'Address'),
      text('method', 'Method'),
      text('path', 'Path'),
      number('status', 'Status'),
    ],
    rows,
  });
  const sentence = `The newest is ${first.method} ${first.path} from ${first.address}, answered ${first.status} at ${first.at.toISOString()}.`;
  return answered('logs', sentence, [result]);
}
