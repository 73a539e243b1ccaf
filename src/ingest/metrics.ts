import { Counter, counterOf, createRegistry, gaugeOf, Histogram, type Registry } from '../lib/metrics.ts';
import type { Counters, Pipeline } from './pipeline.ts';

export type IngestMetrics = {
  readonly registry: Registry;
  readonly rejects: Counter<'reason'>;
  readonly batchRows: Histogram;
};

/** Loss accounting: received = committed + duplicates + rejected + in flight. */
export function ingestMetrics(region: string, pipeline: Pipeline, connections: () => number): IngestMetrics {
  const registry = createRegistry('ingest', region);
  const total = (key: keyof Counters, help: string): void => {
    counterOf(registry, `tier0_ingest_readings_${key}_total`, help, () => pipeline.counters[key]);
  };
  total('received', 'Messages received');
  total('committed', 'Readings committed in the sync set');
  total('duplicates', 'Readings that were stored already');
  total('rejected', 'Messages refused and kept in the reject table');
  gaugeOf(
    registry,
    'tier0_ingest_readings_in_flight',
    'Messages received and not yet settled',
    () => pipeline.inFlight,
  );
  gaugeOf(registry, 'tier0_ingest_connections', 'MQTT connections', connections);
  return {
    registry,
    rejects: new Counter({
      name: 'tier0_ingest_rejects_total',
      help: 'Refused messages by reason',
      labelNames: ['reason'],
      registers: [registry],
    }),
    batchRows: new Histogram({
      name: 'tier0_ingest_batch_rows',
      help: 'Readings per commit',
      buckets: [1, 10, 50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000],
      registers: [registry],
    }),
  };
}
