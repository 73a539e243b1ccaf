/**
 * The shapes of the public HTTP API. Validation, the OpenAPI document and the dashboard's types all come
 * from here. Times are ISO 8601 in UTC; `*_s`, `*_ms`, `*_bytes` name their unit; rates are per second.
 */
import { type Static, Type } from 'typebox';
import { Nullable } from '../lib/schema.ts';

/** What the registry and the last reading together say of a device. */
export const LiveState = Type.Union(
  [
    Type.Literal('OK'),
    Type.Literal('WARN'),
    Type.Literal('ALERT'),
    Type.Literal('STALE'),
    Type.Literal('UNKNOWN'),
  ],
  { description: 'STALE: no reading for three expected intervals. UNKNOWN: never reported.' },
);
export type LiveState = Static<typeof LiveState>;

export const DeviceTypeName = Type.Union([
  Type.Literal('turbine'),
  Type.Literal('thermal_engine'),
  Type.Literal('electrical_rotor'),
  Type.Literal('ogd'),
]);

export type DeviceTypeName = Static<typeof DeviceTypeName>;

const DeviceRow = Type.Object({
  device_id: Type.String(),
  device_type: DeviceTypeName,
  site_id: Type.String(),
  state: LiveState,
  reported_state: Nullable(Type.String({ description: 'State in the last reading, also when STALE' })),
  timestamp_utc: Nullable(Type.String({ description: 'Event time of the last reading' })),
  received_at: Nullable(Type.String({ description: 'Arrival time of the last reading' })),
  age_s: Nullable(Type.Number({ description: 'Seconds since the last reading arrived' })),
  metrics: Type.Record(Type.String(), Type.Number()),
});

export const DeviceDetail = Type.Object({
  ...DeviceRow.properties,
  expected_interval_s: Type.Number(),
  firmware: Nullable(Type.String()),
  status: Nullable(Type.Object({ code: Nullable(Type.String()), message: Nullable(Type.String()) })),
  location: Nullable(Type.Object({ lat: Type.Number(), lon: Type.Number() })),
  tags: Type.Record(Type.String(), Type.String()),
});
export type DeviceDetail = Static<typeof DeviceDetail>;

export const DevicesQuery = Type.Object({
  device_id: Type.Optional(Type.String({ maxLength: 64 })),
  search: Type.Optional(Type.String({ maxLength: 64, description: 'Part of a device id, any case' })),
  site_id: Type.Optional(Type.String({ maxLength: 64 })),
  device_type: Type.Optional(
    Type.Union([DeviceTypeName, Type.Literal('connected_device')], {
      description: 'connected_device means ogd',
    }),
  ),
  state: Type.Optional(LiveState),
  limit: Type.Integer({ minimum: 1, maximum: 1000, default: 100 }),
  offset: Type.Integer({ minimum: 0, maximum: 1_000_000, default: 0 }),
});
export type DevicesQuery = Static<typeof DevicesQuery>;

/** Ordered by device_id. `total` counts all matches, so a client can scroll by offset. */
export const DevicesPage = Type.Object({
  total: Type.Integer(),
  limit: Type.Integer(),
  offset: Type.Integer(),
  devices: Type.Array(DeviceDetail),
});
export type DevicesPage = Static<typeof DevicesPage>;

export const HistoryQuery = Type.Object({
  from: Type.Optional(Type.String({ format: 'date-time', description: 'Default: 24 h before `to`' })),
  to: Type.Optional(Type.String({ format: 'date-time', description: 'Default: now' })),
  points: Type.Integer({ minimum: 2, maximum: 2000, default: 500, description: 'Time buckets at most' }),
});

/** Columns, one entry a bucket. Empty buckets are left out. min and max are kept, so no extreme is lost. */
export const HistorySeries = Type.Object({
  metric: Type.String(),
  min: Type.Array(Nullable(Type.Number())),
  avg: Type.Array(Nullable(Type.Number())),
  max: Type.Array(Nullable(Type.Number())),
});
export const History = Type.Object({
  device_id: Type.String(),
  device_type: DeviceTypeName,
  from: Type.String(),
  to: Type.String(),
  readings: Type.Integer({ description: 'Stored readings in the interval' }),
  bucket_s: Type.Number({ description: '0: every reading is its own point' }),
  timestamps: Type.Array(
    Type.Number({ description: 'Unix seconds: start of the bucket, or the reading itself' }),
  ),
  states: Type.Array(Type.String({ description: 'Worst state in the bucket' })),
  series: Type.Array(HistorySeries),
  query_ms: Type.Number(),
});
export type History = Static<typeof History>;

export const StateCounts = Type.Object({
  total: Type.Integer(),
  reporting: Type.Integer({ description: 'Heard within three expected intervals' }),
  stale: Type.Integer(),
  unknown: Type.Integer(),
  OK: Type.Integer(),
  WARN: Type.Integer(),
  ALERT: Type.Integer(),
});
export type StateCounts = Static<typeof StateCounts>;

export const SiteRow = Type.Object({
  site_id: Type.String(),
  place: Type.String(),
  lat: Type.Number(),
  lon: Type.Number(),
  area: Type.String(),
  ...StateCounts.properties,
  by_type: Type.Record(Type.String(), StateCounts),
});
export type SiteRow = Static<typeof SiteRow>;
export const SitesBody = Type.Object({ sites: Type.Array(SiteRow) });
export type SitesBody = Static<typeof SitesBody>;

/** received = committed + duplicates + rejected + in_flight, always. */
export const Accounting = Type.Object({
  received: Type.Integer(),
  committed: Type.Integer(),
  duplicates: Type.Integer(),
  rejected: Type.Integer(),
  in_flight: Type.Integer(),
});
export type Accounting = Static<typeof Accounting>;

export const RegionView = Type.Object({
  region: Type.String(),
  role: Type.Union([Type.Literal('leader'), Type.Literal('standby'), Type.Literal('witness')]),
  health: Type.Union([Type.Literal('up'), Type.Literal('degraded'), Type.Literal('down')]),
  heartbeat_age_ms: Nullable(Type.Number()),
  postgres: Nullable(
    Type.Object({
      state: Type.String({ description: 'primary, standby, starting, stopped, …' }),
      timeline: Nullable(Type.Integer()),
      lsn: Nullable(Type.String()),
    }),
  ),
  replication_lag_bytes: Nullable(Type.Number({ description: 'Of the standby; null on the leader' })),
  replication_lag_ms: Nullable(Type.Number()),
  ingest: Nullable(
    Type.Object({
      up: Type.Boolean(),
      connections: Type.Integer(),
      readings_per_s: Type.Number(),
      accounting: Accounting,
    }),
  ),
});
export type RegionView = Static<typeof RegionView>;

export const ClusterView = Type.Object({
  epoch: Type.Integer(),
  leader: Type.String(),
  mode: Type.Union([Type.Literal('strict'), Type.Literal('solo')]),
  phase: Type.String(),
  sync_set: Type.Array(Type.String()),
  reason: Type.String(),
  since: Type.String(),
  record_age_ms: Type.Number({ description: 'Since the record was last confirmed by etcd' }),
});
export type ClusterView = Static<typeof ClusterView>;

export const Overview = Type.Object({
  timestamp: Type.String(),
  served_by: Type.String({ description: 'Region whose API answers' }),
  fleet: StateCounts,
  readings_per_s: Type.Number(),
  accounting: Accounting,
  cluster: Nullable(ClusterView),
  regions: Type.Array(RegionView),
  storage: Type.Object({
    readings_bytes: Type.Number(),
    partitions: Type.Integer(),
    oldest: Nullable(Type.String()),
    limit_bytes: Type.Number(),
  }),
});
export type Overview = Static<typeof Overview>;

export const RejectsQuery = Type.Object({
  reason: Type.Optional(Type.String({ maxLength: 64 })),
  limit: Type.Integer({ minimum: 1, maximum: 1000, default: 100 }),
});
export const RejectsBody = Type.Object({
  total: Type.Integer(),
  rejects: Type.Array(
    Type.Object({
      received_at: Type.String(),
      region: Type.String(),
      reason: Type.String(),
      field: Nullable(Type.String()),
      topic: Type.String(),
      payload: Type.String({ description: 'Excerpt, at most 512 characters' }),
    }),
  ),
});
export type RejectsBody = Static<typeof RejectsBody>;

const ServiceState = Type.Union([Type.Literal('up'), Type.Literal('down')]);
export const Health = Type.Object({
  status: Type.Union([Type.Literal('healthy'), Type.Literal('degraded'), Type.Literal('unhealthy')]),
  timestamp: Type.String(),
  region: Type.String(),
  services: Type.Record(Type.String(), ServiceState),
});
export type Health = Static<typeof Health>;

/**
 * Server-Sent Events of GET /api/stream, each event's data one JSON document:
 *  - `overview` every second: Overview
 *  - `sites`    every 2 s: SitesBody
 * and of GET /api/stream/devices?<DevicesQuery>, limit ≤ 200:
 *  - `page`     at first, and again whenever other devices than before are on the page: DevicesPage
 *  - `devices`  every second at most: only the rows of that page that changed, with the new total
 * and of GET /api/stream/devices/{id}: `device` on every change, at most four a second: DeviceDetail
 * While the region's view of the cluster is stale (503 elsewhere), only /api/stream goes on.
 * A comment line every 15 s keeps proxies from closing the stream.
 */
export const DevicesEvent = Type.Object({ total: Type.Integer(), devices: Type.Array(DeviceDetail) });
export type DevicesEvent = Static<typeof DevicesEvent>;

/** A write of the probe: who writes, and its number. Its idempotency key makes it repeatable. */
export const WriteProbe = Type.Object(
  {
    writer: Type.String({ minLength: 1, maxLength: 64, pattern: '^[^\\u0000]*$' }),
    seq: Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER }),
  },
  { additionalProperties: false },
);

export const WriteProbesQuery = Type.Object({
  writer: WriteProbe.properties.writer,
  after: Type.Integer({
    minimum: -1,
    maximum: Number.MAX_SAFE_INTEGER,
    default: -1,
    description: 'Only numbers above this one',
  }),
  limit: Type.Integer({ minimum: 1, maximum: 10_000, default: 1_000 }),
});
export const WriteProbesBody = Type.Object({
  writer: Type.String(),
  rows: Type.Integer({ description: 'Stored probes of this writer' }),
  distinct: Type.Integer({ description: 'Different numbers among them; less than `rows`: one was doubled' }),
  seqs: Type.Array(Type.Object({ seq: Type.Integer(), count: Type.Integer() })),
  next_after: Nullable(Type.Integer({ description: 'For the next page; null on the last one' })),
});
export type WriteProbesBody = Static<typeof WriteProbesBody>;
