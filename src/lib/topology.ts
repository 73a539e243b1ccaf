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
};
export type DataRegionPorts = MemberPorts & {
  readonly postgres: number;
  readonly redis: number;
  readonly ingestMqtt: number;
  readonly ingestHttp: number;
  readonly api: number;
  readonly worker: number;
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
    readonly control: number;
    readonly mqtt: number;
    /** The role that re-points nginx and runs drills; behind `control`. */
    readonly controlRole: number;
  };
  readonly simulator: { readonly http: number };
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
      postgres: at(5432),
      redis: at(6379),
      ingestMqtt: at(1884),
      ingestHttp: at(8014),
      api: at(8010),
      worker: at(8015),
    },
    region2: {
      etcdClient: at(2392),
      etcdPeer: at(2393),
      sentinel: at(26380),
      agent: at(8023),
      postgres: at(5433),
      redis: at(6380),
      ingestMqtt: at(1885),
      ingestHttp: at(8024),
      api: at(8020),
      worker: at(8025),
    },
    witness: { etcdClient: at(2394), etcdPeer: at(2395), sentinel: at(26381), agent: at(8034) },
    edge: { dashboard: at(3000), api: at(8000), control: at(8003), mqtt: at(1883), controlRole: at(8045) },
    simulator: { http: at(8044) },
  };
}

export function isDataRegion(value: string): value is DataRegion {
  return (DATA_REGIONS as readonly string[]).includes(value);
}

export function peerOf(region: DataRegion): DataRegion {
  return region === 'region1' ? 'region2' : 'region1';
}
