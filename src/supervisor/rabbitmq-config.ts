/** RabbitMQ's configuration: one node a member, one cluster. Pure; the group supervisor writes the files. */
import { RABBITMQ_USER, rabbitmqNode } from '../lib/rabbitmq.ts';
import type { Secrets } from '../lib/secrets.ts';
import { MEMBERS, type Member, type Topology } from '../lib/topology.ts';

/** The node that begins the cluster the first time; the others join it, so that no two begin one each. */
export const SEED: Member = 'region1';

/** https://www.rabbitmq.com/configure.html; a key it does not know keeps RabbitMQ from starting. */
export function rabbitmqConf(
  topology: Topology,
  member: Member,
  password: string,
  observability: boolean,
): string {
  const { host } = topology;
  const known = member === SEED ? [SEED] : MEMBERS;
  return `${[
    `listeners.tcp.1 = ${host}:${topology[member].rabbitmq}`,
    'cluster_formation.peer_discovery_backend = classic_config',
    ...known.map(
      (name, i) => `cluster_formation.classic_config.nodes.${i + 1} = ${rabbitmqNode(topology, name)}`,
    ),
    // A node that sees no majority stops to serve until it sees one again.
    'cluster_partition_handling = pause_minority',
    'net_ticktime = 10',
    `default_user = ${RABBITMQ_USER}`,
    `default_pass = ${password}`,
    'vm_memory_high_watermark.absolute = 600MB',
    'disk_free_limit.absolute = 200MB',
    // The log of a queue is kept in memory as well until it fills a file of this size.
    'raft.wal_max_size_bytes = 33554432',
    ...(observability
      ? [
          `prometheus.tcp.ip = ${host}`,
          `prometheus.tcp.port = ${topology[member].rabbitmqMetrics}`,
          // Left alone, the plugin's agent has each message counted by channel, queue and exchange, for no reader.
          'management_agent.disable_metrics_collector = true',
          'collect_statistics = coarse',
        ]
      : []),
    'log.console = true',
    'log.console.level = warning',
  ].join('\n')}\n`;
}

/** A key of a plugin that is not enabled would keep RabbitMQ from starting. */
const rabbitmqPlugins = (observability: boolean): string =>
  observability ? '[rabbitmq_prometheus].\n' : '[].\n';

/**
 * What rabbitmq.conf has no keys for. A channel waits when so many of its messages are not in the queue's log yet:
 * with the default of 32, a confirm that takes 20 ms bounds it to 1,600 a second.
 */
const RABBITMQ_ADVANCED = '[{rabbit, [{quorum_commands_soft_limit, 1024}]}].\n';

/** What stands in a node's directory before it starts. */
export const rabbitmqFiles = (
  topology: Topology,
  member: Member,
  secrets: Secrets['rabbitmq'],
  observability: boolean,
): { readonly file: string; readonly text: string }[] => [
  { file: 'rabbitmq.conf', text: rabbitmqConf(topology, member, secrets.password, observability) },
  { file: 'advanced.config', text: RABBITMQ_ADVANCED },
  { file: 'enabled_plugins', text: rabbitmqPlugins(observability) },
  { file: '.erlang.cookie', text: secrets.cookie },
];

/** https://www.erlang.org/doc/man/erl.html and erts_alloc.html. What each saves: `npx tier0 bench rabbitmq`. */
const ERLANG = [
  // A leader is one process, and so are its channels: with one scheduler a node the leader's is full before the machine.
  // Waiting busily would take the processor from the other nodes and the workers.
  '+S 2:2 +SDcpu 1:1 +A 4 +sbwt none +sbwtdcpu none +sbwtdio none',
  // A process collects its garbage once it refers to 4 MB of messages, instead of 0.4.
  '+hmbs 524288',
  // Heaps of up to 16 MB come from memory that is kept: a mapping of its own for each would be new pages each time.
  '+MHsbct 16384 +MHlmbcs 16384',
].join(' ');

/** The environment under which Debian's script becomes the node itself instead of starting one. */
export function rabbitmqEnv(topology: Topology, member: Member, dir: string): Record<string, string> {
  const { host, edge } = topology;
  return {
    HOME: dir,
    LANG: 'C.UTF-8',
    // Neither the node nor what it runs starts an epmd of its own when ours is away: it would outlive all of them.
    ERL_ZFLAGS: '-start_epmd false',
    RABBITMQ_ALLOW_INPUT: '1',
    // The machine's own settings are not ours.
    RABBITMQ_CONF_ENV_FILE: '/dev/null',
    RABBITMQ_NODENAME: rabbitmqNode(topology, member),
    RABBITMQ_USE_LONGNAME: 'true',
    RABBITMQ_DIST_PORT: String(topology[member].rabbitmqPeer),
    ERL_EPMD_PORT: String(edge.epmd),
    ERL_EPMD_ADDRESS: host,
    RABBITMQ_MNESIA_BASE: `${dir}/data`,
    RABBITMQ_LOG_BASE: `${dir}/log`,
    RABBITMQ_LOGS: '-',
    RABBITMQ_CONFIG_FILE: `${dir}/rabbitmq`,
    RABBITMQ_ADVANCED_CONFIG_FILE: `${dir}/advanced.config`,
    RABBITMQ_ENABLED_PLUGINS_FILE: `${dir}/enabled_plugins`,
    RABBITMQ_GENERATED_CONFIG_DIR: `${dir}/generated`,
    RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS: `${ERLANG} -kernel inet_dist_use_interface {${host.replaceAll('.', ',')}}`,
  };
}
