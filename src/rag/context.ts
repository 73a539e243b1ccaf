/** What the routes of the RAG service answer from. */
import type { Leader } from '../lib/bounded-leader.ts';
import type { Log } from '../lib/log.ts';
import type { Registry } from '../lib/metrics.ts';
import type { DataRegion } from '../lib/topology.ts';
import type { Answering } from './answering.ts';
import type { RagConfig } from './config.ts';
import type { Indexer } from './indexer.ts';
import type { Library } from './library.ts';
import type { StatsBody } from './schemas.ts';
import type { QueryStats } from './stats.ts';

export type RagContext = {
  readonly region: DataRegion;
  readonly leader: Leader;
  readonly library: Library;
  readonly indexer: Pick<Indexer, 'hurry'>;
  readonly answering: Pick<Answering, 'ask'>;
  readonly stats: QueryStats;
  readonly provider: StatsBody['provider'];
  /** null: without a Cohere key. */
  readonly breaker: () => StatsBody['breaker'];
  readonly limits: Pick<RagConfig, 'maxFileBytes'>;
  readonly registry: Registry;
  readonly log: Log;
};
