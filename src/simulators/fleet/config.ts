/** Configuration of the simulated fleet. */
import { type Static, Type } from 'typebox';
import { CommonConfig, readConfig } from '../../lib/config.ts';
import { FLEET_SIZE } from '../../lib/fleet.ts';

/** Mosquitto forwards about 39,000 messages a second at most and shares the machine: above this, go direct. */
const EDGE_MAX_RATE = 10_000;
const EDGE_CONNECTIONS = 2;
const DIRECT_CONNECTIONS = 8;

const SimulatorEnvironment = Type.Object({
  ...CommonConfig,
  /** Readings a second over the whole fleet. */
  rate: Type.Number({ minimum: 1, maximum: FLEET_SIZE, default: 1_000 }),
  seed: Type.Integer({ minimum: 0, maximum: 2 ** 32 - 1, default: 1 }),
  connections: Type.Optional(Type.Integer({ minimum: 1, maximum: 64 })),
  /** edge: through the site's broker. ingest: straight to both regions. Default: by rate. */
  via: Type.Optional(Type.Union([Type.Literal('edge'), Type.Literal('ingest')])),
  /** File that lists every acknowledged reading (see ack-ledger.ts); empty: none. For tests. */
  simLedger: Type.String({ default: '' }),
});
type SimulatorEnvironment = Static<typeof SimulatorEnvironment>;

export type SimulatorConfig = Omit<SimulatorEnvironment, 'connections' | 'via' | 'simLedger'> & {
  readonly connections: number;
  readonly via: 'edge' | 'ingest';
  readonly ledgerFile: string | undefined;
};

/** Throws ConfigError that names every bad variable. */
export function readSimulatorConfig(env: NodeJS.ProcessEnv): SimulatorConfig {
  const { connections, via: wanted, simLedger, ...rest } = readConfig(SimulatorEnvironment, env);
  const via = wanted ?? (rest.rate > EDGE_MAX_RATE ? 'ingest' : 'edge');
  return {
    ...rest,
    via,
    connections: connections ?? (via === 'edge' ? EDGE_CONNECTIONS : DIRECT_CONNECTIONS),
    ledgerFile: simLedger === '' ? undefined : simLedger,
  };
}
