/** Brings a primary's roles, schema and registry to this version. Safe to run at every start. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type pg from 'pg';
import {
  DEVICE_TYPES,
  DEVICES_PER_SITE_AND_TYPE,
  DEVICES_PER_TYPE,
  FLEET_SIZE,
  SITES,
} from '../lib/fleet.ts';
import { PROJECT_DIR } from '../lib/project.ts';
import type { Secrets } from '../lib/secrets.ts';
import { DATA_REGIONS } from '../lib/topology.ts';
import { replicationRole } from './drivers/postgres-files.ts';
import type { PostgresSession } from './drivers/postgres-session.ts';

const MIGRATIONS_DIR = join(PROJECT_DIR, 'migrations');

/**
 * The gate is closed: nobody sees what is done here before the peer has it too. Waiting for a peer that may
 * have taken over would keep a deposed leader from noticing.
 */
const DO_NOT_WAIT = 'SET synchronous_commit = local';

export async function prepareDatabase(session: PostgresSession, secrets: Secrets): Promise<void> {
  const cluster = await session.connect('postgres');
  try {
    await cluster.query(DO_NOT_WAIT);
    await createRoles(cluster, secrets);
    const { rowCount } = await cluster.query("SELECT FROM pg_database WHERE datname = 'tier0'");
    if (rowCount === 0) await cluster.query('CREATE DATABASE tier0 OWNER tier0_owner');
    await cluster.query('REVOKE CONNECT, TEMPORARY ON DATABASE tier0 FROM PUBLIC');
    await cluster.query(
      'GRANT CONNECT, TEMPORARY ON DATABASE tier0 TO tier0_ingest, tier0_api, tier0_worker, tier0_control, tier0_log, tier0_rag, tier0_vision, tier0_prober, tier0_monitor',
    );
    await cluster.query('GRANT CONNECT ON DATABASE tier0 TO tier0_rag_reader');
  } finally {
    await cluster.end();
  }
  const database = await session.connect('tier0');
  try {
    await database.query(DO_NOT_WAIT);
    await database.query('SET ROLE tier0_owner');
    await migrate(database);
    await fillRegistry(database);
  } finally {
    await database.end();
  }
}

async function createRoles(client: pg.Client, secrets: Secrets): Promise<void> {
  const roles: [name: string, options: string, password: string | null][] = [
    ['tier0_owner', 'NOLOGIN', null],
    ['tier0_ingest', 'LOGIN', secrets.postgres.ingest],
    ['tier0_api', 'LOGIN', secrets.postgres.api],
    ['tier0_worker', 'LOGIN', secrets.postgres.worker],
    ['tier0_control', 'LOGIN', secrets.postgres.control],
    ['tier0_log', 'LOGIN', secrets.postgres.log],
    ['tier0_rag', 'LOGIN', secrets.postgres.rag],
    ['tier0_rag_reader', 'LOGIN', secrets.postgres.rag_reader],
    ['tier0_vision', 'LOGIN', secrets.postgres.vision],
    ['tier0_prober', 'LOGIN', secrets.postgres.prober],
    ['tier0_monitor', 'LOGIN', secrets.postgres.monitor],
    ...DATA_REGIONS.map((region): [string, string, string] => [
      replicationRole(region),
      'LOGIN REPLICATION',
      secrets.postgres[`replication_${region}`],
    ]),
  ];
  const { rows } = await client.query<{ rolname: string }>('SELECT rolname FROM pg_roles');
  const known = new Set(rows.map((row) => row.rolname));
  for (const [name, options, password] of roles.filter(([role]) => !known.has(role))) {
    const login = password === null ? '' : ` PASSWORD ${client.escapeLiteral(password)}`;
    await client.query(`CREATE ROLE ${client.escapeIdentifier(name)} ${options}${login}`);
  }
  await client.query('GRANT tier0_owner TO tier0_worker');
  await client.query('GRANT pg_monitor TO tier0_monitor');
  if (known.has('tier0_rag_reader')) return;
  // Questions of users reach the database as this role, which may only read: not for long either.
  await client.query("ALTER ROLE tier0_rag_reader SET statement_timeout = '5s'");
}

/** Runs the migrations that this database has not seen, each in a transaction of its own. */
async function migrate(client: pg.Client): Promise<void> {
  await client.query(
    'CREATE TABLE IF NOT EXISTS migration (name text PRIMARY KEY, applied_at timestamptz NOT NULL DEFAULT now())',
  );
  const { rows } = await client.query<{ name: string }>('SELECT name FROM migration');
  const applied = new Set(rows.map((row) => row.name));
  const files = readdirSync(MIGRATIONS_DIR).filter((file) => /^\d{4}_.*\.sql$/.test(file));
  for (const file of files.sort().filter((name) => !applied.has(name))) {
    await client.query('BEGIN');
    await client.query(readFileSync(join(MIGRATIONS_DIR, file), 'utf8'));
    await client.query('INSERT INTO migration (name) VALUES ($1)', [file]);
    await client.query('COMMIT');
  }
}

/** Sites, device types and the 100,000 devices of domain.md, in one pass of the server. */
async function fillRegistry(client: pg.Client): Promise<void> {
  const { rows } = await client.query<{ devices: string }>('SELECT count(*) AS devices FROM device');
  if (Number(rows[0]?.devices) >= FLEET_SIZE) return;
  await client.query('BEGIN');
  for (const { id, place, lat, lon, area } of SITES) {
    await client.query('INSERT INTO site VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING', [
      id,
      place,
      lat,
      lon,
      area,
    ]);
  }
  for (const [index, { type, label, prefix, metrics }] of DEVICE_TYPES.entries()) {
    await client.query('INSERT INTO device_type VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING', [
      type,
      label,
      prefix,
      metrics,
    ]);
    await client.query(
      `INSERT INTO device (device_no, device_id, device_type, site_id)
       SELECT $1::int + n, $2 || lpad(n::text, 5, '0'), $3, ($4::text[])[1 + (n - 1) / $5::int]
       FROM generate_series(1, $6::int) n ON CONFLICT DO NOTHING`,
      [
        index * DEVICES_PER_TYPE,
        prefix,
        type,
        SITES.map((site) => site.id),
        DEVICES_PER_SITE_AND_TYPE,
        DEVICES_PER_TYPE,
      ],
    );
  }
  await client.query('COMMIT');
  await client.query('ANALYZE device');
}
