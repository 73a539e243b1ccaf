import { Counter, Gauge, type Registry } from '../lib/metrics.ts';

export type WorkerMetrics = ReturnType<typeof workerMetrics>;

export type UserEventMetrics = ReturnType<typeof userEventMetrics>;

/** acknowledged = stored + duplicates + dead letters, but for what was redelivered in between. */
export function userEventMetrics(registry: Registry) {
  const registers = [registry];
  const counter = (name: string, help: string): Counter =>
    new Counter({ name: `tier0_user_events_${name}_total`, help, registers });
  return {
    acknowledged: counter('acknowledged', 'Messages of the queue that were acknowledged'),
    stored: counter('stored', 'User events stored for the first time'),
    duplicates: counter('duplicates', 'User events that were stored already'),
    deadLetters: counter('dead_letters', 'Messages that can never be stored'),
  };
}

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
