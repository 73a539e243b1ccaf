/** PostgreSQL's configuration files as text. Pure. */
import type { Secrets } from '../../lib/secrets.ts';
import type { DataRegion, Topology } from '../../lib/topology.ts';

export const ADMIN_ROLE = 'tier0_admin';
export const CLIENT_ROLES = [
  'tier0_ingest',
  'tier0_api',
  'tier0_worker',
  'tier0_control',
  'tier0_log',
  'tier0_rag',
  'tier0_rag_reader',
  'tier0_vision',
  'tier0_prober',
] as const;
export const replicationRole = (region: DataRegion): string => `tier0_replication_${region}`;
/** A standby's slot on its primary, and its application_name there. */
export const slotName = (region: DataRegion): string => region;

export type PostgresSettings = {
  readonly topology: Topology;
  readonly self: DataRegion;
  readonly logDir: string;
  readonly passFile: string;
  readonly sharedBuffersMb: number;
  readonly maxWalMb: number;
  readonly keepWalForStandbyMb: number;
};

/** postgresql.conf: everything that failover relies on, but for what changes while the server runs. */
export function postgresqlConf(settings: PostgresSettings): string {
  const { topology, self, logDir, sharedBuffersMb, maxWalMb, keepWalForStandbyMb } = settings;
  return `${[
    `listen_addresses = '${topology.host}'`,
    `port = ${topology[self].postgres}`,
    "unix_socket_directories = ''",
    'max_connections = 100',
    'password_encryption = scram-sha-256',
    `shared_buffers = ${sharedBuffersMb}MB`,
    'jit = off',
    // Replication: on means that the standby has flushed (hazard H6).
    'wal_level = replica',
    'synchronous_commit = on',
    'max_wal_senders = 8',
    'max_replication_slots = 8',
    'wal_log_hints = on',
    'wal_sender_timeout = 5s',
    'wal_receiver_timeout = 5s',
    'wal_receiver_status_interval = 1s',
    'wal_retrieve_retry_interval = 200ms',
    'hot_standby = on',
    'max_standby_streaming_delay = 500ms',
    'recovery_target_timeline = latest',
    `primary_slot_name = '${slotName(self)}'`,
    // A crashed primary must not come back on its own as a primary (hazard H4): its agent decides.
    'restart_after_crash = off',
    // Disk stays bounded: a standby that is away longer than this is copied anew.
    `max_slot_wal_keep_size = ${keepWalForStandbyMb}MB`,
    `max_wal_size = ${maxWalMb}MB`,
    // pg_rewind copies all WAL that the leader keeps for later use, while a lost region waits to be whole again.
    'min_wal_size = 64MB',
    'checkpoint_timeout = 5min',
    'wal_compression = lz4',
    // After a crash everything below the data directory is flushed first: one call instead of one a file.
    'recovery_init_sync_method = syncfs',
    'autovacuum_naptime = 30s',
    'tcp_keepalives_idle = 5',
    'tcp_keepalives_interval = 2',
    'tcp_keepalives_count = 3',
    'tcp_user_timeout = 10s',
    'logging_collector = on',
    "log_destination = 'jsonlog'",
    `log_directory = '${logDir}'`,
    `log_filename = '${self}-postgres.log'`,
    'log_rotation_size = 0',
    'log_rotation_age = 1d',
    'log_truncate_on_rotation = on',
    'log_file_mode = 0640',
    'log_checkpoints = off',
    "timezone = 'UTC'",
    "log_timezone = 'UTC'",
    "include 'sync.conf'",
    "include 'follow.conf'",
    "include 'gate.conf'",
  ].join('\n')}\n`;
}

/** follow.conf: whom a standby receives from; null stops its WAL receiver, which is the fence of a takeover. */
export function followConf(settings: PostgresSettings, follow: DataRegion | null): string {
  if (follow === null) return "primary_conninfo = ''\n";
  const { topology, self, passFile } = settings;
  const conninfo = [
    `host=${topology.host}`,
    `port=${topology[follow].postgres}`,
    `user=${replicationRole(self)}`,
    `application_name=${self}`,
    `passfile=${passFile}`,
    'connect_timeout=2',
    'keepalives_idle=2',
  ].join(' ');
  return `primary_conninfo = '${conninfo}'\n`;
}

/** Passwords of the programs that connect to either region: replication, pg_rewind, pg_basebackup. */
export function passFile(topology: Topology, self: DataRegion, secrets: Secrets): string {
  const entry = (role: string, secret: string): string => `${topology.host}:*:*:${role}:${secret}\n`;
  const replication = secrets.postgres[`replication_${self}`];
  return entry(replicationRole(self), replication) + entry(ADMIN_ROLE, secrets.postgres.admin);
}

/** sync.conf: whether commits wait for the peer. */
export function syncConf(waitFor: DataRegion | null): string {
  return `synchronous_standby_names = '${waitFor === null ? '' : `FIRST 1 (${waitFor})`}'\n`;
}

/**
 * Whether clients get in: not at all, to connections on which they may only read, or to read and write. A standby's
 * is read_only, so that what clients have connected before its promotion serves at once when the gate opens.
 */
export type Gate = 'closed' | 'read_only' | 'open';

/** gate.conf. The agent's own sessions override it. */
export const gateConf = (gate: Gate): string =>
  `default_transaction_read_only = ${gate === 'open' ? 'off' : 'on'}\n`;

/** pg_hba.conf. Behind a closed gate only the agent and the standby get in: clients are refused by PostgreSQL. */
export function hbaConf(topology: Topology, gate: Gate): string {
  const from = `${topology.host}/32`;
  const lines = [
    `host all ${ADMIN_ROLE} ${from} scram-sha-256`,
    `host replication ${replicationRole('region1')} ${from} scram-sha-256`,
    `host replication ${replicationRole('region2')} ${from} scram-sha-256`,
    // Reads the server's statistics and no table, which is most needed when clients do not get in.
    `host tier0 tier0_monitor ${from} scram-sha-256`,
  ];
  if (gate !== 'closed')
    lines.push(...CLIENT_ROLES.map((role) => `host tier0 ${role} ${from} scram-sha-256`));
  return `${lines.join('\n')}\n`;
}
