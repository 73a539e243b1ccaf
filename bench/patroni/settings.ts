/** What the measured cluster is made of: tunings, ports, the configuration of Patroni and etcd. Pure. */

/** Seconds. Patroni requires loop_wait + 2 × retry_timeout ≤ ttl (its documentation, "Dynamic Configuration Settings"). */
type Tuning = {
  readonly ttl: number;
  readonly loop_wait: number;
  readonly retry_timeout: number;
  readonly primary_start_timeout: number;
};
export type TuningName = 'tuned' | 'default';

export const TUNINGS: Readonly<Record<TuningName, Tuning>> = {
  /**
   * The smallest ttl, loop_wait and retry_timeout that the documentation allows. With primary_start_timeout 0 a
   * crashed primary is failed over at once; restarted in place, it took three times as long here.
   */
  tuned: { ttl: 20, loop_wait: 1, retry_timeout: 3, primary_start_timeout: 0 },
  default: { ttl: 30, loop_wait: 10, retry_timeout: 10, primary_start_timeout: 300 },
};

export const NODES = ['node1', 'node2'] as const;
export type NodeName = (typeof NODES)[number];
export const ETCD_MEMBERS = ['etcd1', 'etcd2', 'etcd3'] as const;
export type EtcdMember = (typeof ETCD_MEMBERS)[number];

export const HOST = '127.0.0.1';
export const ADMIN = 'postgres';

export type Ports = {
  readonly nodes: Readonly<Record<NodeName, { readonly postgres: number; readonly rest: number }>>;
  readonly etcd: Readonly<Record<EtcdMember, { readonly client: number; readonly peer: number }>>;
};
/** Ports from a base, which itself stays free for the claim: base + 1 … base + 10. */
export const PORTS_PER_CLUSTER = 10;

export function portsFrom(base: number): Ports {
  return {
    nodes: {
      node1: { postgres: base + 1, rest: base + 2 },
      node2: { postgres: base + 3, rest: base + 4 },
    },
    etcd: {
      etcd1: { client: base + 5, peer: base + 6 },
      etcd2: { client: base + 7, peer: base + 8 },
      etcd3: { client: base + 9, peer: base + 10 },
    },
  };
}

export type Passwords = { readonly admin: string; readonly replication: string; readonly rewind: string };

/**
 * PostgreSQL as Tier-0's own agents set it up (src/agent/drivers/postgres-files.ts): what is durable and how
 * fast a standby comes back is the same on both sides. The rest is Patroni's default.
 */
const POSTGRES_PARAMETERS = {
  shared_buffers: '256MB',
  jit: 'off',
  synchronous_commit: 'on',
  wal_log_hints: 'on',
  wal_sender_timeout: '5s',
  wal_receiver_timeout: '5s',
  wal_receiver_status_interval: '1s',
  wal_retrieve_retry_interval: '200ms',
  max_standby_streaming_delay: '500ms',
  max_wal_size: '1GB',
  min_wal_size: '256MB',
  wal_compression: 'lz4',
  tcp_keepalives_idle: '5',
  tcp_keepalives_interval: '2',
  tcp_keepalives_count: '3',
};

export type NodeSettings = {
  readonly self: NodeName;
  readonly dir: string;
  readonly binDir: string;
  readonly ports: Ports;
  readonly tuning: TuningName;
  readonly passwords: Passwords;
};

export const dataDirOf = (nodeDir: string): string => `${nodeDir}/data`;

/** A node's configuration file: JSON, which is YAML. Everything that is not named here is Patroni's default. */
export function patroniConfig({ self, dir, binDir, ports, tuning, passwords }: NodeSettings): string {
  const { postgres, rest } = ports.nodes[self];
  const config = {
    scope: 'bench',
    namespace: '/tier0-bench/',
    name: self,
    restapi: { listen: `${HOST}:${rest}`, connect_address: `${HOST}:${rest}` },
    etcd3: { hosts: ETCD_MEMBERS.map((member) => `${HOST}:${ports.etcd[member].client}`) },
    bootstrap: {
      dcs: {
        ...TUNINGS[tuning],
        synchronous_mode: true,
        postgresql: { use_pg_rewind: true, use_slots: true, parameters: POSTGRES_PARAMETERS },
      },
      initdb: [{ encoding: 'UTF8' }, { locale: 'C.UTF-8' }, { auth: 'scram-sha-256' }],
    },
    postgresql: {
      listen: `${HOST}:${postgres}`,
      connect_address: `${HOST}:${postgres}`,
      data_dir: dataDirOf(dir),
      bin_dir: binDir,
      pgpass: `${dir}/pgpass`,
      authentication: {
        superuser: { username: ADMIN, password: passwords.admin },
        replication: { username: 'replicator', password: passwords.replication },
        rewind: { username: 'rewinder', password: passwords.rewind },
      },
      parameters: { unix_socket_directories: dir },
      pg_hba: [
        'local all all scram-sha-256',
        `host all all ${HOST}/32 scram-sha-256`,
        `host replication replicator ${HOST}/32 scram-sha-256`,
      ],
      basebackup: [{ checkpoint: 'fast' }],
      // A node that was killed must come back by itself whatever state it was killed in.
      remove_data_directory_on_rewind_failure: true,
      remove_data_directory_on_diverged_timelines: true,
    },
    watchdog: { mode: 'off' },
  };
  return `${JSON.stringify(config, null, 2)}\n`;
}

/** etcd with the timing that Tier-0's own members have (src/supervisor/plan.ts); it is also etcd's default. */
export function etcdArgs(self: EtcdMember, dir: string, ports: Ports): string[] {
  const url = (port: number): string => `http://${HOST}:${port}`;
  const { client, peer } = ports.etcd[self];
  return [
    `--name=${self}`,
    `--data-dir=${dir}/data`,
    `--listen-client-urls=${url(client)}`,
    `--advertise-client-urls=${url(client)}`,
    `--listen-peer-urls=${url(peer)}`,
    `--initial-advertise-peer-urls=${url(peer)}`,
    `--initial-cluster=${ETCD_MEMBERS.map((name) => `${name}=${url(ports.etcd[name].peer)}`).join(',')}`,
    '--initial-cluster-token=tier0-bench-patroni',
    '--initial-cluster-state=new',
    '--heartbeat-interval=100',
    '--election-timeout=1000',
    '--logger=zap',
    '--log-level=warn',
  ];
}
