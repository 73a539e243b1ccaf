/** Records as JSONB in table image_record. */
import { Value } from 'typebox/value';
import type { Leader } from '../../lib/bounded-leader.ts';
import { SqlFilter } from '../../lib/sql-filter.ts';
import { StoredImage } from './record.ts';
import type { Figures, Listed, RecordFilter, RecordStore } from './store.ts';

function filterOf(filter: RecordFilter): SqlFilter {
  const sql = new SqlFilter();
  const worn = (gear: 'hard_hat' | 'vest' | 'equipment', value: boolean | undefined): void =>
    sql.add(
      value === undefined ? undefined : value ? 'yes' : 'no',
      (p) => `(record->'counts'->'${gear}'->>${p}::text)::integer > 0`,
    );
  sql.add(filter.siteId, (p) => `site_id = ${p}`);
  sql.add(filter.deviceType, (p) => `device_type = ${p}`);
  sql.add(filter.camera, (p) => `record->>'camera' = ${p}`);
  worn('hard_hat', filter.hardHat);
  worn('vest', filter.vest);
  worn('equipment', filter.equipment);
  sql.add(filter.minScore, (p) => `(record->>'compliance_score')::float8 >= ${p}`);
  sql.add(filter.maxScore, (p) => `(record->>'compliance_score')::float8 <= ${p}`);
  sql.add(filter.simulated, (p) => `(record->>'simulated')::boolean = ${p}`);
  sql.add(filter.from, (p) => `taken_at >= ${p}`);
  sql.add(filter.to, (p) => `taken_at < ${p}`);
  return sql;
}

const ORDER = {
  newest: 'taken_at DESC, image_id',
  violations: "(record->>'rank')::float8, taken_at DESC, image_id",
} as const;

async function list(
  leader: Leader,
  filter: RecordFilter,
  sort: keyof typeof ORDER,
  limit: number,
  offset: number,
): Promise<Listed> {
  const where = filterOf(filter);
  const { rows: totals } = await leader.query<{ total: number; average: number | null }>(
    `SELECT count(*)::float8 AS total, avg((record->>'compliance_score')::float8) AS average
     FROM image_record WHERE ${where.sql}`,
    where.values,
  );
  const [first, last] = [where.parameter(limit), where.parameter(offset)];
  const { rows } = await leader.query<{ record: unknown }>(
    `SELECT record FROM image_record WHERE ${where.sql} ORDER BY ${ORDER[sort]} LIMIT ${first} OFFSET ${last}`,
    where.values,
  );
  return {
    total: totals[0]?.total ?? 0,
    average: totals[0]?.average ?? null,
    // A record that another program wrote may have another form; it cannot be shown.
    images: rows.flatMap(({ record }) => (Value.Check(StoredImage, record) ? [record] : [])),
  };
}

async function figures(leader: Leader, filter: RecordFilter, limit: number): Promise<Figures[]> {
  const where = filterOf(filter);
  const { rows } = await leader.query<Figures>(
    `SELECT site_id, device_type, record->>'taken_at' AS taken_at,
       (record->>'compliance_score')::float8 AS compliance_score, record->'counts' AS counts,
       (record->>'violation')::boolean AS violation, record->'review' AS review
     FROM image_record WHERE ${where.sql} AND record ? 'counts'
     ORDER BY taken_at DESC, image_id LIMIT ${where.parameter(limit)}`,
    where.values,
  );
  return rows;
}

async function keywords(leader: Leader, filter: RecordFilter, limit: number): Promise<string[][]> {
  const where = filterOf(filter);
  const { rows } = await leader.query<{ keywords: string[] }>(
    `SELECT record->'keywords' AS keywords FROM image_record WHERE ${where.sql}
     ORDER BY taken_at DESC, image_id LIMIT ${where.parameter(limit)}`,
    where.values,
  );
  return rows.map((row) => row.keywords);
}

export function postgresRecords(leader: Leader): RecordStore {
  return {
    kind: 'postgresql',
    add: async (record) => {
      await leader.query(
        `INSERT INTO image_record (image_id, taken_at, site_id, device_type, record)
         VALUES ($1, $2, $3, $4, $5) ON CONFLICT (image_id) DO NOTHING`,
        [record.image_id, record.taken_at, record.site_id, record.device_type, record],
      );
    },
    read: async (imageId) => {
      const { rows } = await leader.query<{ record: unknown }>(
        'SELECT record FROM image_record WHERE image_id = $1',
        [imageId],
      );
      const record = rows[0]?.record;
      return Value.Check(StoredImage, record) ? record : null;
    },
    replace: async (record, version) => {
      // Sent again after a takeover it finds its own version, which is this change and no other's.
      const { rowCount } = await leader.query(
        `UPDATE image_record SET record = $2
         WHERE image_id = $1 AND ((record->>'version')::integer = $3 OR record = $2::jsonb)`,
        [record.image_id, record, version],
      );
      return rowCount === 1;
    },
    list: (filter, sort, limit, offset) => list(leader, filter, sort, limit, offset),
    figures: (filter, limit) => figures(leader, filter, limit),
    keywords: (filter, limit) => keywords(leader, filter, limit),
    remove: async (imageIds) => {
      await leader.query('DELETE FROM image_record WHERE image_id = ANY($1::uuid[])', [imageIds]);
    },
    ping: async () => {
      await leader.query('SELECT 1');
    },
    close: async () => undefined,
  };
}
