/** Where everything listens. Every port is its default plus one offset, so instances run side by side. */

export const DATA_REGIONS = ['region1', 'region2'] as const;
export const MEMBERS = ['region1', 'region2', 'witness'] as const;
export type DataRegion = (typeof DATA_REGIONS)[number];
export type Member = (typeof MEMBERS)[number];
/** A group is what one supervisor starts: a region, the witness, or what stands outside of them. */
export const GROUPS = [...MEMBERS, 'edge', 'simulators'] as const;
export type Group = (typeof GROUPS)[number];

type MemberPorts = {
  readonly etcdClient: number;
  readonly etcdPeer: number;
  readonly sentinel: number;
  readonly agent: number;
  readonly rabbitmq: number;
  /** Between the nodes of RabbitMQ's cluster. */
  readonly rabbitmqPeer: number;
  readonly rabbitmqMetrics: number;
  /** Of the member's Sentinel and, where there is one, Redis. */
  readonly redisExporter: number;
};
export type DataRegionPorts = MemberPorts & {
  readonly postgres: number;
  readonly redis: number;
  readonly ingestMqtt: number;
  readonly ingestHttp: number;
  readonly api: number;
  readonly worker: number;
  readonly rag: number;
  readonly vision: number;
  readonly postgresExporter: number;
};

export type Topology = {
  readonly host: string;
  readonly offset: number;
  readonly region1: DataRegionPorts;
  readonly region2: DataRegionPorts;
  readonly witness: MemberPorts;
  readonly edge: {
    readonly dashboard: number;
    readonly api: number;
    readonly rag: number;
    readonly vision: number;
    readonly control: number;
    readonly mqtt: number;
    /** The role that re-points nginx and runs drills; behind `control`. */
    readonly controlRole: number;
    /** The role that ships the front door's log. */
    readonly shipper: number;
    readonly inbox: number;
    /** Where RabbitMQ's nodes find each other. */
    readonly epmd: number;
    readonly prober: number;
    /** What the prober reads of Mosquitto, for Prometheus. */
    readonly mosquittoMetrics: number;
    /** nginx's own page of figures, and the exporter that reads it. */
    readonly nginxStatus: number;
    readonly nginxExporter: number;
    readonly prometheus: number;
    readonly alertmanager: number;
  };
  readonly simulator: {
    readonly http: number;
    /** The simulated users' own view. */
    readonly users: number;
    readonly cameras: number;
  };
};

export const MAX_PORT_OFFSET = 30_000;

/** Ports of an instance. The last two digits differ, so instances 100 apart never meet below an offset of 5000.
 * `offset` is added to every default. */
export function topology(offset: number): Topology {
  const at = (port: number): number => port + offset;
  return {
    host: '127.0.0.1',
    offset,
    region1: {
      etcdClient: at(2390),
      etcdPeer: at(2391),
      sentinel: at(26379),
      agent: at(8013),
      rabbitmq: at(5672),
      rabbitmqPeer: at(25672),
      rabbitmqMetrics: at(15692),
      redisExporter: at(9121),
      postgres: at(5432),
      redis: at(6379),
      ingestMqtt: at(1884),
      ingestHttp: at(8014),
      api: at(8010),
      worker: at(8015),
      rag: at(8016),
      vision: at(8017),
      postgresExporter: at(9187),
    },
    region2: {
      etcdClient: at(2392),
      etcdPeer: at(2393),
      sentinel: at(26380),
      agent: at(8023),
      rabbitmq: at(5673),
      rabbitmqPeer: at(25673),
      rabbitmqMetrics: at(15693),
      redisExporter: at(9122),
      postgres: at(5433),
      redis: at(6380),
      ingestMqtt: at(1885),
      ingestHttp: at(8024),
      api: at(8020),
      worker: at(8025),
      rag: at(8026),
      vision: at(8027),
      postgresExporter: at(9188),
    },
    witness: {
      etcdClient: at(2394),
      etcdPeer: at(2395),
      sentinel: at(26381),
      agent: at(8034),
      rabbitmq: at(5674),
      rabbitmqPeer: at(25674),
      rabbitmqMetrics: at(15694),
      redisExporter: at(9128),
    },
    edge: {
      dashboard: at(3000),
      api: at(8000),
      rag: at(8001),
      vision: at(8002),
      control: at(8003),
      mqtt: at(1883),
      controlRole: at(8045),
      shipper: at(8046),
      inbox: at(8049),
      epmd: at(4369),
      prober: at(8050),
      mosquittoMetrics: at(8051),
      nginxStatus: at(8052),
      nginxExporter: at(8053),
      prometheus: at(9090),
      alertmanager: at(9093),
    },
    simulator: { http: at(8044), users: at(8047), cameras: at(8048) },
  };
}

/** Ports that browsers refuse, of those our public ones can be: "bad ports" of the Fetch standard. */
const BAD_PORTS = [3659, 4045, 4190, 5060, 5061, 6000, 6566, 6665, 6666, 6667, 6668, 6669, 6679, 6697, 10080];

/** The first port of the front door that no browser would open at this offset; null when all are fine. */
export function badPort(offset: number): number | null {
  const { dashboard, api, rag, vision, control, prometheus } = topology(offset).edge;
  return [dashboard, api, rag, vision, control, prometheus].find((port) => BAD_PORTS.includes(port)) ?? null;
}

export function isDataRegion(value: string): value is DataRegion {
  return (DATA_REGIONS as readonly string[]).includes(value);
}

export function peerOf(region: DataRegion): DataRegion {
  return region === 'region1' ? 'region2' : 'region1';
}
