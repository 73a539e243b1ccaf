import { type Static, Type } from 'typebox';
import { CommonConfig, readConfig } from '../lib/config.ts';

const IngestConfig = Type.Object({
  ...CommonConfig,
  region: Type.Union([Type.Literal('region1'), Type.Literal('region2')]),
  /** Batches in the database at once; acknowledgements keep their order all the same. */
  lanes: Type.Integer({ minimum: 1, maximum: 8, default: 2 }),
  batchMaxRows: Type.Integer({ minimum: 100, maximum: 20_000, default: 5_000 }),
  /** How long a small batch waits for company while a lane is free. */
  batchLingerMs: Type.Integer({ minimum: 0, maximum: 1_000, default: 20 }),
  /** A batch of this many messages waits for no more while a lane is free. */
  batchEagerRows: Type.Integer({ minimum: 1, maximum: 20_000, default: 100 }),
  /** Readings accepted and not yet committed; at the bound the sockets are not read. */
  inFlightMaxRows: Type.Integer({ minimum: 1_000, maximum: 1_000_000, default: 30_000 }),
  /** A larger payload is refused and kept in the reject table; a packet over a mebibyte ends the connection. */
  payloadMaxBytes: Type.Integer({ minimum: 1_024, maximum: 1_048_576, default: 65_536 }),
  connectionsMax: Type.Integer({ minimum: 1, maximum: 200_000, default: 10_000 }),
  /** A reading from further ahead is refused: clocks of devices drift, but not by this much. */
  futureMaxS: Type.Integer({ minimum: 0, maximum: 86_400, default: 300 }),
  retentionDays: Type.Integer({ minimum: 1, maximum: 36_500, default: 30 }),
  partitionMinutes: Type.Integer({ minimum: 1, maximum: 1_440, default: 60 }),
});
/** A larger packet cannot be answered: it ends the connection. */
export const PACKET_MAX_BYTES = 1_048_576;

export type IngestConfig = Static<typeof IngestConfig>;

export function readIngestConfig(env: NodeJS.ProcessEnv): IngestConfig {
  return readConfig(IngestConfig, env, (config) => [
    ...(1_440 % config.partitionMinutes === 0 ? [] : ['TIER0_PARTITION_MINUTES must divide a day']),
    ...(config.inFlightMaxRows >= 2 * config.batchMaxRows
      ? []
      : ['TIER0_IN_FLIGHT_MAX_ROWS must be at least twice TIER0_BATCH_MAX_ROWS']),
  ]);
}
