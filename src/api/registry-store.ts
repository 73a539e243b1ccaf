/** Sites, types and devices as registered in PostgreSQL. */
import { type Static, Type } from 'typebox';
import { Value } from 'typebox/value';
import type { Database } from '../lib/bounded-leader.ts';
import type { LiveTable, RegisteredDevice } from './live-table.ts';
import { DeviceTypeName } from './schemas.ts';

const SiteRows = Type.Array(
  Type.Object({
    site_id: Type.String(),
    place: Type.String(),
    lat: Type.Number(),
    lon: Type.Number(),
    area: Type.String(),
  }),
);
const TypeRows = Type.Array(Type.Object({ type: DeviceTypeName, metrics: Type.Array(Type.String()) }));

const DeviceRowSchema = Type.Object({
  deviceNo: Type.Integer(),
  deviceId: Type.String(),
  deviceType: Type.String(),
  siteId: Type.String(),
  expectedIntervalS: Type.Union([Type.Number(), Type.Null()]),
});

/** Changes whenever a device is added, or its interval changes. */
export async function registryFingerprint(db: Database): Promise<string> {
  const { rows } = await db.query<{ fingerprint: string }>(
    `SELECT concat_ws('/', count(*), max(device_no), sum(expected_interval_s)) AS fingerprint FROM device`,
  );
  return rows[0]?.fingerprint ?? '';
}

/** Fills the table with everything that is registered; returns how many devices are new to it. */
export async function loadRegistry(db: Database, table: LiveTable): Promise<number> {
  const sites = await db.query('SELECT site_id, place, lat, lon, area FROM site ORDER BY site_id');
  const types = await db.query('SELECT device_type AS type, metrics FROM device_type ORDER BY device_type');
  const devices = await db.query<Static<typeof DeviceRowSchema>>(
    `SELECT device_no AS "deviceNo", device_id AS "deviceId", device_type AS "deviceType",
            site_id AS "siteId", expected_interval_s AS "expectedIntervalS"
     FROM device ORDER BY device_id COLLATE "C"`,
  );
  table.defineSites(Value.Parse(SiteRows, sites.rows));
  table.defineTypes(Value.Parse(TypeRows, types.rows));
  // The columns' types are those of the migration; checking one row catches a changed statement.
  const [first] = devices.rows;
  if (first !== undefined) Value.Parse(DeviceRowSchema, first);
  const registered: readonly RegisteredDevice[] = devices.rows;
  return table.register(registered);
}
