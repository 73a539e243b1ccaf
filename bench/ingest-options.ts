/** Options of `tier0 bench ingest`. */
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { UsageError } from '../src/lib/errors.ts';
import { DATA_REGIONS, type DataRegion, MAX_PORT_OFFSET } from '../src/lib/topology.ts';
import { wholeNumber } from '../src/supervisor/config.ts';

export const HELP = `tier0 bench ingest: measures ingest of a running instance, publish to PUBACK

  --data-dir DIR       of the running instance (./.tier0)
  --port-offset N      of the running instance (0)
  --via WAY            direct: to the ingest servers; edge: through Mosquitto; all: both in turn (direct)
  --regions WHICH      both or region1, for direct (both)
  --seconds N          measured seconds (20), after --warmup N seconds (2)
  --rate N             readings a second, 0: as fast as possible (0)
  --edge-rate N        rate through Mosquitto, which acknowledges before anything is stored (20000)
  --connections N      MQTT connections to each server (8)
  --window N           unacknowledged messages of a connection at most (1000)
  --generators N       load generator processes (1)
  --baseline           also a common pipeline: subscriber, JSON.parse, INSERT of 100 rows
  --baseline-rate N    rate offered to it (20000)
  --json FILE          writes everything as JSON
`;

export type IngestOptions = {
  readonly dataDir: string;
  readonly portOffset: number;
  readonly via: readonly ('direct' | 'edge')[];
  readonly regions: readonly DataRegion[];
  readonly seconds: number;
  readonly warmupSeconds: number;
  readonly rate: number;
  readonly edgeRate: number;
  readonly connections: number;
  readonly window: number;
  readonly generators: number;
  readonly baseline: boolean;
  readonly baselineRate: number;
  readonly json: string | undefined;
};

/** Throws UsageError that names the option; undefined when help was asked for. */
export function ingestOptions(args: readonly string[], env: NodeJS.ProcessEnv): IngestOptions | undefined {
  const { values } = parseArgs({
    args: [...args],
    options: {
      help: { type: 'boolean', default: false },
      'data-dir': { type: 'string', default: env.TIER0_DATA_DIR ?? '.tier0' },
      'port-offset': { type: 'string', default: env.TIER0_PORT_OFFSET ?? '0' },
      via: { type: 'string', default: 'direct' },
      regions: { type: 'string', default: 'both' },
      seconds: { type: 'string', default: '20' },
      warmup: { type: 'string', default: '2' },
      rate: { type: 'string', default: '0' },
      'edge-rate': { type: 'string', default: '20000' },
      connections: { type: 'string', default: '8' },
      window: { type: 'string', default: '1000' },
      generators: { type: 'string', default: '1' },
      baseline: { type: 'boolean', default: false },
      'baseline-rate': { type: 'string', default: '20000' },
      json: { type: 'string' },
    },
  });
  if (values.help) return undefined;
  const options: IngestOptions = {
    dataDir: resolve(values['data-dir']),
    portOffset: whole('--port-offset', values['port-offset'], 0, MAX_PORT_OFFSET),
    via: choice('--via', values.via, { direct: ['direct'], edge: ['edge'], all: ['direct', 'edge'] }),
    regions: choice('--regions', values.regions, { both: DATA_REGIONS, region1: ['region1'] }),
    seconds: whole('--seconds', values.seconds, 1, 86_400),
    warmupSeconds: whole('--warmup', values.warmup, 0, 3_600),
    rate: whole('--rate', values.rate, 0, 10_000_000),
    edgeRate: whole('--edge-rate', values['edge-rate'], 1, 10_000_000),
    connections: whole('--connections', values.connections, 1, 256),
    window: whole('--window', values.window, 1, 65_535),
    generators: whole('--generators', values.generators, 1, 64),
    baseline: values.baseline,
    baselineRate: whole('--baseline-rate', values['baseline-rate'], 1, 10_000_000),
    json: values.json,
  };
  // A packet identifier stands for one device of the connection, so 65,535 devices are a connection's limit.
  if (options.connections < 2) throw new UsageError('--connections must be at least 2');
  if (options.generators > options.connections) {
    throw new UsageError('--generators must not exceed --connections');
  }
  return options;
}

function whole(name: string, text: string, min: number, max: number): number {
  return wholeNumber(name, text, min, min, max);
}

function choice<T>(name: string, text: string, choices: Readonly<Record<string, T>>): T {
  const value = Object.hasOwn(choices, text) ? choices[text] : undefined;
  if (value === undefined) throw new UsageError(`${name} takes ${Object.keys(choices).join(', ')}`);
  return value;
}
