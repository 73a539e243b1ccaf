/** How etcd's three members are started. */
import { MEMBERS, type Member, type Topology } from '../lib/topology.ts';

/** `dataDir`: etcd's own. */
export function etcdArgs(topology: Topology, dataDir: string, self: Member): string[] {
  const url = (port: number): string => `http://${topology.host}:${port}`;
  const ports = topology[self];
  const cluster = MEMBERS.map((name) => `${name}=${url(topology[name].etcdPeer)}`).join(',');
  return [
    `--name=${self}`,
    `--data-dir=${dataDir}`,
    `--listen-client-urls=${url(ports.etcdClient)}`,
    `--advertise-client-urls=${url(ports.etcdClient)}`,
    `--listen-peer-urls=${url(ports.etcdPeer)}`,
    `--initial-advertise-peer-urls=${url(ports.etcdPeer)}`,
    `--initial-cluster=${cluster}`,
    '--initial-cluster-token=tier0',
    '--initial-cluster-state=new',
    '--heartbeat-interval=100',
    '--election-timeout=1000',
    '--logger=zap',
    '--log-level=warn',
    // Heartbeats make about 30 revisions a second; nobody reads old ones.
    '--auto-compaction-mode=revision',
    '--auto-compaction-retention=1000',
    '--snapshot-count=10000',
    // The write-ahead log makes a write durable; the backend file may follow in larger steps.
    '--backend-batch-interval=1s',
    '--enable-v2=false',
  ];
}
