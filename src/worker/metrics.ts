import { Counter, Gauge, type Registry } from '../lib/metrics.ts';

export type WorkerMetrics = ReturnType<typeof workerMetrics>;

export function workerMetrics(registry: Registry) {
  const registers = [registry];
  return {
    active: new Gauge({
      name: 'tier0_worker_active',
      help: '1 in the worker that holds the lock',
      registers,
    }),
    passSeconds: new Gauge({ name: 'tier0_worker_pass_seconds', help: 'Length of the last pass', registers }),
    partitions: new Gauge({ name: 'tier0_reading_partitions', help: 'Partitions of readings', registers }),
    readingBytes: new Gauge({ name: 'tier0_reading_bytes', help: 'Readings with their indexes', registers }),
    dropped: new Counter({
      name: 'tier0_reading_partitions_dropped_total',
      help: 'Partitions dropped, by reason',
      labelNames: ['reason'],
      registers,
    }),
    removed: new Counter({
      name: 'tier0_worker_rows_removed_total',
      help: 'Rows removed from rejects, ledger and contexts',
      labelNames: ['what'],
      registers,
    }),
    failures: new Counter({
      name: 'tier0_worker_failures_total',
      help: 'Parts of passes that failed',
      labelNames: ['part'],
      registers,
    }),
  };
}
