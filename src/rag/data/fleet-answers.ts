/** Answers out of the live fleet: a sentence with the top facts, and the table that it is taken from. */
import type { Static } from 'typebox';
import { DEVICE_TYPES } from '../../lib/fleet.ts';
import type { Cell } from '../schemas.ts';
import type { PartialAnswer } from '../types.ts';
import {
  COUNTS,
  type Counted,
  type Counts,
  countsOf,
  type Devices,
  fetchDevices,
  fetchSites,
  inScope,
  matchingOf,
  NO_COUNTS,
  type Scope,
  type SiteCounts,
  sum,
  type TelemetryDeps,
} from './fleet-live.ts';
import {
  answered,
  counted,
  listed,
  number,
  percent,
  refusal,
  share,
  table,
  text,
  time,
  written,
  writtenShare,
} from './intent.ts';

/** As a sentence says it after the devices. */
const NAMES: Readonly<Record<Counted, string>> = {
  ALERT: 'in ALERT',
  WARN: 'in WARN',
  OK: 'in OK',
  stale: 'stale',
  unknown: 'that never reported',
  reporting: 'reporting',
  total: '',
};

export const labelOf = (type: string): string =>
  DEVICE_TYPES.find((info) => info.type === type)?.label.toLowerCase() ?? type;
const plural = ({ types }: Scope): string =>
  types.length === 0 ? 'devices' : listed(types.map((type) => `${labelOf(type)}s`));
const statesOf = (states: readonly Counted[]): string =>
  listed(states.map((state) => NAMES[state]).filter((name) => name !== ''));
/** "devices in ALERT", "stale turbines", "devices". */
function phrase(scope: Scope, states: readonly Counted[]): string {
  const [state] = states;
  if (states.length === 1 && (state === 'stale' || state === 'reporting')) return `${state} ${plural(scope)}`;
  return `${plural(scope)} ${statesOf(states)}`.trim();
}

function explain(scope: Scope, asked: string): string {
  const where = scope.sites.length === 0 ? 'all sites' : listed(scope.sites);
  return `live state of the fleet, now, ${where}, ${asked}`;
}

const columnsOf = (name: string) => [
  text('name', name),
  number('matching', 'Matching'),
  percent('share', 'Share'),
  ...COUNTS.map((column) => number(column, column === 'total' ? 'All' : column)),
];

export type Asking = { readonly scope: Scope; readonly states: readonly Counted[] };
export type RankingAsked = Asking & {
  readonly by: 'site' | 'type';
  readonly order: 'most' | 'fewest';
  readonly rows: number;
};

type Group = { readonly name: string; readonly matching: number; readonly counts: Counts };

function groupsOf({ scope, states, by }: RankingAsked, sites: readonly SiteCounts[]): Group[] {
  const group = (name: string, counts: Counts): Group => ({
    name,
    counts,
    matching: matchingOf(counts, states),
  });
  const within = inScope(scope, sites);
  if (by === 'site') return within.map((site) => group(site.site_id, countsOf(scope, site)));
  return DEVICE_TYPES.map(({ type }) =>
    group(type, sum(within.map((site) => site.by_type[type] ?? NO_COUNTS))),
  );
}

const rowOf = ({ name, matching, counts }: Group): Record<string, Static<typeof Cell>> => ({
  ...{ name, matching, share: share(matching, counts.total), ...counts },
});

/** Sites, or device types, with the most or the fewest devices of some states. */
export async function answerRanking(deps: TelemetryDeps, asked: RankingAsked): Promise<PartialAnswer> {
  const { scope, states, by, order, rows: limit } = asked;
  const sites = await fetchSites(deps);
  if (sites.length === 0) return refusal('telemetry', 'No sites are registered yet.', []);
  const direction = order === 'most' ? -1 : 1;
  const groups = groupsOf(asked, sites).sort((a, b) => direction * (a.matching - b.matching));
  const what = phrase(scope, states);
  const result = table({
    source: 'telemetry',
    title: `${by === 'site' ? 'Sites' : 'Device types'} by ${what}`,
    explanation: explain(scope, `${order} ${what} first; the share is of all that are registered there`),
    columns: columnsOf(by === 'site' ? 'Site' : 'Device type'),
    rows: groups.slice(0, limit).map(rowOf),
    chart: { kind: 'bar', x: 'name', y: 'matching' },
  });
  const [first] = groups;
  const some = groups.filter(({ matching }) => matching > 0);
  if (first === undefined || some.length === 0)
    return answered('telemetry', `There are no ${what} now.`, [result]);
  const tied = groups
    .filter(({ matching }) => matching === first.matching)
    .slice(0, 5)
    .map(({ name }) => name);
  const lead = `${listed(tied)} ${tied.length === 1 ? 'has' : 'have each'} the ${order} ${what}: ${written(first.matching)}`;
  const of =
    tied.length === 1
      ? ` of ${written(first.counts.total)} (${writtenShare(share(first.matching, first.counts.total))})`
      : '';
  const next = groups
    .slice(tied.length, Math.min(limit, tied.length + 2))
    .filter(({ matching }) => matching > 0)
    .map(({ name, matching }) => `${name} (${written(matching)})`);
  return answered('telemetry', `${lead}${of}.${next.length === 0 ? '' : ` Next: ${next.join(', ')}.`}`, [
    result,
  ]);
}

/** How many devices there are, of a type, at a site, in a state. */
export async function answerCount(deps: TelemetryDeps, { scope, states }: Asking): Promise<PartialAnswer> {
  const sites = inScope(scope, await fetchSites(deps));
  if (sites.length === 0) return refusal('telemetry', 'No such sites are registered yet.', []);
  const groups = sites.map((site) => ({ name: site.site_id, counts: countsOf(scope, site) }));
  const all = sum(groups.map(({ counts }) => counts));
  const rows = [{ name: 'all', counts: all }, ...groups].map(({ name, counts }) =>
    rowOf({ name, counts, matching: matchingOf(counts, states) }),
  );
  const what = phrase(scope, states);
  const matching = matchingOf(all, states);
  const result = table({
    ...{ source: 'telemetry', title: `Count of ${what}`, explanation: explain(scope, what), rows },
    columns: columnsOf('Site'),
    chart: { kind: 'bar', x: 'name', y: 'matching' },
  });
  const where = scope.sites.length === 0 ? 'in the fleet' : `at ${listed(scope.sites)}`;
  const part = states.includes('total')
    ? ''
    : `, of ${written(all.total)} (${writtenShare(share(matching, all.total))})`;
  return answered('telemetry', `There are ${written(matching)} ${what} ${where}${part}.`, [result]);
}

/** Which sites there are. */
export async function answerSites(deps: TelemetryDeps): Promise<PartialAnswer> {
  const sites = await fetchSites(deps);
  if (sites.length === 0) return refusal('telemetry', 'No sites are registered yet.', []);
  const result = table({
    ...{ source: 'telemetry', title: counted(sites.length, 'site') },
    explanation: explain({ sites: [], types: [] }, 'the sites and their devices'),
    columns: [text('site_id', 'Site'), text('place', 'Place'), number('devices', 'Devices')],
    rows: sites.map(({ site_id, place, total }) => ({ site_id, place, devices: total })),
  });
  const names = sites.slice(0, 12).map(({ site_id }) => site_id);
  return answered('telemetry', `There are ${counted(sites.length, 'site')}: ${listed(names)}.`, [result]);
}

/** Counts of every state. */
export async function answerOverview(
  deps: TelemetryDeps,
  { scope }: { readonly scope: Scope },
): Promise<PartialAnswer> {
  const sites = inScope(scope, await fetchSites(deps));
  if (sites.length === 0) return refusal('telemetry', 'No such sites are registered yet.', []);
  const all = sum(sites.map((site) => countsOf(scope, site)));
  const states = ['ALERT', 'WARN', 'OK', 'stale', 'unknown'] as const;
  const rows = [
    ...states.map((state) => ({ state, devices: all[state], share: share(all[state], all.total) })),
    { state: 'reporting', devices: all.reporting, share: share(all.reporting, all.total) },
    { state: 'all', devices: all.total, share: 1 },
  ];
  const result = table({
    ...{
      source: 'telemetry',
      title: 'Devices by state',
      explanation: explain(scope, `${plural(scope)} by state`),
      rows,
    },
    columns: [text('state', 'State'), number('devices', 'Devices'), percent('share', 'Share')],
    chart: { kind: 'bar', x: 'state', y: 'devices' },
  });
  const each = states.map((state) => `${written(all[state])} ${NAMES[state]}`);
  const where = scope.sites.length === 0 ? '' : ` at ${listed(scope.sites)}`;
  return answered('telemetry', `Of ${written(all.total)} ${plural(scope)}${where}, ${listed(each)}.`, [
    result,
  ]);
}

export type ListAsked = Asking & { readonly rows: number };

const API_STATES: Readonly<Record<Counted, string | null>> = {
  ...{
    ALERT: 'ALERT',
    WARN: 'WARN',
    OK: 'OK',
    stale: 'STALE',
    unknown: 'UNKNOWN',
    reporting: null,
    total: null,
  },
};

/** Devices of some states by name; each state, site and type is one call, so there are at most 8. */
export async function answerList(
  deps: TelemetryDeps,
  { scope, states, rows: limit }: ListAsked,
): Promise<PartialAnswer> {
  const found: Devices['devices'] = [];
  let total = 0;
  for (const query of queriesOf(scope, states).slice(0, 8)) {
    const page = await fetchDevices(deps, { ...query, limit: String(limit) });
    total += page.total;
    found.push(...page.devices);
  }
  const what = phrase(scope, states);
  const rows = found.slice(0, limit).map(({ device_id, device_type, site_id, state, timestamp_utc }) => ({
    ...{ device_id, device_type, site_id, state, timestamp_utc },
  }));
  const where = scope.sites.length === 0 ? '' : ` at ${listed(scope.sites)}`;
  const result = table({
    ...{ source: 'telemetry', title: `Devices: ${what}`, rows },
    explanation: explain(
      scope,
      `${what}, ${written(total)} in all, by device id, the first ${written(rows.length)}`,
    ),
    columns: [
      text('device_id', 'Device'),
      text('device_type', 'Type'),
      text('site_id', 'Site'),
      text('state', 'State'),
      time('timestamp_utc', 'Last reading'),
    ],
  });
  if (rows.length === 0) return answered('telemetry', `There are no ${what}${where} now.`, [result]);
  const names = rows.slice(0, 5).map(({ device_id }) => device_id);
  const more = total > names.length ? '; the first are' : ':';
  return answered(
    'telemetry',
    `${counted(total, 'device')} match (${what}${where})${more} ${listed(names)}.`,
    [result],
  );
}

function queriesOf({ sites, types }: Scope, states: readonly Counted[]): Record<string, string>[] {
  const each = (key: string, values: readonly (string | null)[]): Record<string, string>[] =>
    values.length === 0 ? [{}] : values.map((value) => (value === null ? {} : { [key]: value }));
  return each(
    'state',
    states.map((state) => API_STATES[state]),
  ).flatMap((state) =>
    each('site_id', sites).flatMap((site) =>
      each('device_type', types).map((type) => ({ ...state, ...site, ...type })),
    ),
  );
}
