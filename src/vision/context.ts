/** What the routes of the vision service answer from. */
import type { Leader } from '../lib/bounded-leader.ts';
import type { Log } from '../lib/log.ts';
import type { Registry } from '../lib/metrics.ts';
import type { DataRegion } from '../lib/topology.ts';
import type { Analyser } from './analyser.ts';
import type { VisionConfig } from './config.ts';
import type { RecordStore } from './records/store.ts';

export type VisionContext = {
  readonly region: DataRegion;
  readonly leader: Leader;
  readonly records: RecordStore;
  readonly analyser: Pick<Analyser, 'hurry' | 'photosPerS' | 'storeFailure'>;
  readonly limits: Pick<VisionConfig, 'maxFileBytes' | 'maxWaiting'>;
  readonly registry: Registry;
  readonly log: Log;
};
