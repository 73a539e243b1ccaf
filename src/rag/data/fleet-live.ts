/** The live fleet as the API role tells it, parsed; and counts over parts of it. */
import { type Static, Type } from 'typebox';
import { Value } from 'typebox/value';
import { UnavailableError } from '../../lib/errors.ts';
import type { DeviceType } from '../../lib/fleet.ts';
import { Nullable } from '../../lib/schema.ts';

/** Rejects with UnavailableError. The answer is not trusted to have a form: it is parsed here. */
export type FetchJson = (path: string, signal: AbortSignal) => Promise<unknown>;
export type TelemetryDeps = { readonly fetchJson: FetchJson; readonly signal: AbortSignal };

/** The columns that GET /api/sites counts. */
export const COUNTS = ['ALERT', 'WARN', 'OK', 'stale', 'unknown', 'reporting', 'total'] as const;
export type Counted = (typeof COUNTS)[number];

const Counts = Type.Object({
  ALERT: Type.Integer(),
  WARN: Type.Integer(),
  OK: Type.Integer(),
  stale: Type.Integer(),
  unknown: Type.Integer(),
  reporting: Type.Integer(),
  total: Type.Integer(),
});
export type Counts = Static<typeof Counts>;

const SitesOutline = Type.Object({
  sites: Type.Array(
    Type.Object({
      site_id: Type.String(),
      place: Type.String(),
      ...Counts.properties,
      by_type: Type.Record(Type.String(), Counts),
    }),
  ),
});
export type SiteCounts = Static<typeof SitesOutline>['sites'][number];

const DevicesOutline = Type.Object({
  total: Type.Integer(),
  devices: Type.Array(
    Type.Object({
      device_id: Type.String(),
      device_type: Type.String(),
      site_id: Type.String(),
      state: Type.String(),
      timestamp_utc: Nullable(Type.String()),
      age_s: Nullable(Type.Number()),
      metrics: Type.Record(Type.String(), Type.Number()),
    }),
  ),
});
export type Devices = Static<typeof DevicesOutline>;

export async function fetchSites({ fetchJson, signal }: TelemetryDeps): Promise<SiteCounts[]> {
  const body = await fetchJson('/api/sites', signal);
  if (!Value.Check(SitesOutline, body)) throw new UnavailableError('GET /api/sites answered in another form');
  return body.sites;
}

export async function fetchDevices(
  { fetchJson, signal }: TelemetryDeps,
  query: Readonly<Record<string, string>>,
): Promise<Devices> {
  const body = await fetchJson(`/api/devices?${new URLSearchParams(query)}`, signal);
  if (!Value.Check(DevicesOutline, body))
    throw new UnavailableError('GET /api/devices answered in another form');
  return body;
}

/** Empty lists: every site, every type. */
export type Scope = { readonly sites: readonly string[]; readonly types: readonly DeviceType[] };

export const NO_COUNTS: Counts = { ALERT: 0, WARN: 0, OK: 0, stale: 0, unknown: 0, reporting: 0, total: 0 };

export function sum(parts: readonly Counts[]): Counts {
  const total = { ...NO_COUNTS };
  for (const part of parts) for (const column of COUNTS) total[column] += part[column];
  return total;
}

export const inScope = (scope: Scope, sites: readonly SiteCounts[]): SiteCounts[] =>
  sites.filter(({ site_id }) => scope.sites.length === 0 || scope.sites.includes(site_id));

export const countsOf = (scope: Scope, site: SiteCounts): Counts =>
  scope.types.length === 0 ? sum([site]) : sum(scope.types.map((type) => site.by_type[type] ?? NO_COUNTS));

export const matchingOf = (counts: Counts, states: readonly Counted[]): number =>
  states.reduce((value, state) => value + counts[state], 0);
