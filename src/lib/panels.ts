/**
 * What the Observability page and Grafana show, as data: one definition for both. `$window` is replaced by the time
 * over which rates are taken.
 */
import { EVENT_LOOP_SAMPLE_MS } from './metrics.ts';

type PanelUnit = 'percent' | 'seconds' | 'bytes' | 'cores' | 'count' | 'per_second';
export type PanelSection = 'promise' | 'signals' | 'data' | 'engines';

export type Panel = {
  readonly id: string;
  readonly section: PanelSection;
  readonly title: string;
  /** For somebody who sees it for the first time: what it is, and what is good. */
  readonly explains: string;
  readonly unit: PanelUnit;
  readonly expr: string;
  /** How a series is called, of its labels: "{{region}} {{role}}". */
  readonly legend: string;
};

export const SECTIONS: Readonly<Record<PanelSection, { readonly title: string; readonly explains: string }>> =
  {
    promise: {
      title: 'As users see it',
      explains: 'Requests that are sent from outside the regions each second, as a user would.',
    },
    signals: {
      title: 'What each service does',
      explains:
        'Traffic, errors, latency and saturation of every service, by region. The region that leads does most.',
    },
    data: {
      title: 'Readings and their way into both regions',
      explains: 'What devices send, how much of it is stored, and how far the second region is behind.',
    },
    engines: {
      title: 'What it runs on',
      explains: 'The database, the cache, the queue and the rest, by their own figures.',
    },
  };

const ratio = (good: string, all: string): string => `100 * (${good}) / (${all})`;
const rate = (series: string): string => `rate(${series}[$window])`;
const p99 = (by: string, bucket: string): string =>
  `histogram_quantile(0.99, sum by (le, ${by}) (${rate(bucket)}))`;

export const PANELS: readonly Panel[] = [
  {
    id: 'answered',
    section: 'promise',
    title: 'Answered well',
    explains: 'Share of reads, writes, questions and readings answered correctly within 5 s. Good: 100 %.',
    unit: 'percent',
    expr: ratio(
      `sum by (probe) (${rate('tier0_probe_total{result="good"}')})`,
      `sum by (probe) (${rate('tier0_probe_total')}) > 0`,
    ),
    legend: '{{probe}}',
  },
  {
    id: 'probe-latency',
    section: 'promise',
    title: 'How long an answer takes',
    explains: '99 of 100 are quicker. Good: below 1 s; a failover shows as a short peak.',
    unit: 'seconds',
    expr: p99('probe', 'tier0_probe_duration_seconds_bucket'),
    legend: '{{probe}}',
  },
  {
    id: 'requests',
    section: 'signals',
    title: 'Requests',
    explains: 'Answered by each service. After a failover the lines of the regions swap.',
    unit: 'per_second',
    expr: `sum by (role, region) (${rate('tier0_http_responses_total')})`,
    legend: '{{role}} {{region}}',
  },
  {
    id: 'errors',
    section: 'signals',
    title: 'Answers that say "I failed"',
    explains: 'HTTP 5xx. The front door asks the other region then, so users rarely see one. Good: 0.',
    unit: 'per_second',
    expr: `sum by (role, region) (${rate('tier0_http_responses_total{class="5xx"}')}) or 0 * sum by (role, region) (tier0_http_responses_total)`,
    legend: '{{role}} {{region}}',
  },
  {
    id: 'latency',
    section: 'signals',
    title: 'How long services take',
    explains: '99 of 100 requests are answered quicker, without the way through the front door.',
    unit: 'seconds',
    expr: p99('role, region', 'tier0_http_request_duration_seconds_bucket'),
    legend: '{{role}} {{region}}',
  },
  {
    id: 'cpu',
    section: 'signals',
    title: 'Processor time',
    explains: 'Cores in use. A service uses one thread for most of its work: near 1 it is full.',
    unit: 'cores',
    expr: `sum by (role, region) (${rate('process_cpu_seconds_total{role!=""}')})`,
    legend: '{{role}} {{region}}',
  },
  {
    id: 'event-loop',
    section: 'signals',
    title: 'Waiting for the processor',
    explains: 'How late work begins inside a service (event loop, 99th percentile). Good: below 0.1 s.',
    unit: 'seconds',
    expr: `clamp_min(max by (role, region) (nodejs_eventloop_lag_p99_seconds{role!=""}) - ${EVENT_LOOP_SAMPLE_MS / 1000}, 0)`,
    legend: '{{role}} {{region}}',
  },
  {
    id: 'memory',
    section: 'signals',
    title: 'Memory',
    explains: 'Held by each service. Good: flat over days.',
    unit: 'bytes',
    expr: 'sum by (role, region) (process_resident_memory_bytes{role!=""})',
    legend: '{{role}} {{region}}',
  },
  {
    id: 'readings',
    section: 'data',
    title: 'Readings stored',
    explains: 'Committed in both regions before the device is told. Good: as many as devices send.',
    unit: 'per_second',
    expr: `sum by (region) (${rate('tier0_ingest_readings_committed_total')})`,
    legend: 'by {{region}}',
  },
  {
    id: 'refused',
    section: 'data',
    title: 'Readings refused or sent twice',
    explains: 'Refused ones are kept with the reason; those that came twice are stored once.',
    unit: 'per_second',
    expr: `label_replace(sum(${rate('tier0_ingest_readings_rejected_total')}), "kind", "refused", "", "") or label_replace(sum(${rate('tier0_ingest_readings_duplicates_total')}), "kind", "sent twice", "", "")`,
    legend: '{{kind}}',
  },
  {
    id: 'in-flight',
    section: 'data',
    title: 'Readings on their way',
    explains: 'Received and not yet acknowledged. Rises in a failover and falls right after it.',
    unit: 'count',
    expr: 'sum by (region) (tier0_ingest_readings_in_flight)',
    legend: '{{region}}',
  },
  {
    id: 'replication',
    section: 'data',
    title: 'What the second region lacks',
    explains: 'WAL that the standby has not flushed. Good: near 0; commits wait for it.',
    unit: 'bytes',
    expr: 'max by (region) (tier0_replication_lag_bytes)',
    legend: 'led by {{region}}',
  },
  {
    id: 'queue',
    section: 'data',
    title: 'User events in the queue',
    explains: 'Wait for a worker. Good: near 0.',
    unit: 'count',
    expr: 'max(rabbitmq_queue_messages_ready) or vector(0)',
    legend: 'waiting',
  },
  {
    id: 'site',
    section: 'data',
    title: 'Messages kept at the site',
    explains: 'Mosquitto keeps what the regions have not taken yet. Good: a few hundred.',
    unit: 'count',
    expr: 'mosquitto_store_messages',
    legend: 'kept',
  },
  {
    id: 'targets',
    section: 'engines',
    title: 'Processes that do not answer',
    explains: 'Of those that run in each region. Good: 0.',
    unit: 'count',
    expr: 'count by (region) (tier0:target_up == 0) or 0 * count by (region) (tier0:target_up)',
    legend: '{{region}}',
  },
  {
    id: 'commits',
    section: 'engines',
    title: 'Transactions in PostgreSQL',
    explains: 'The leader writes; the standby only answers what watches it.',
    unit: 'per_second',
    expr: `sum by (region) (${rate('pg_stat_database_xact_commit{datname="tier0"}')})`,
    legend: '{{region}}',
  },
  {
    id: 'redis',
    section: 'engines',
    title: 'Commands in Redis',
    explains: 'The master of the cache does most, its replica repeats writes.',
    unit: 'per_second',
    expr: `sum by (region) (${rate('redis_commands_processed_total{job="redis"}')})`,
    legend: '{{region}}',
  },
  {
    id: 'etcd',
    section: 'engines',
    title: 'etcd: time to the disk',
    explains: 'Of the cluster record (99th percentile). Above 0.1 s a takeover becomes slow.',
    unit: 'seconds',
    expr: p99('region', 'etcd_disk_wal_fsync_duration_seconds_bucket'),
    legend: '{{region}}',
  },
  {
    id: 'front-door',
    section: 'engines',
    title: 'Front door',
    explains: 'Requests that nginx takes, of all users and services.',
    unit: 'per_second',
    expr: `sum(${rate('nginx_http_requests_total')})`,
    legend: 'requests',
  },
];

/** The panel's PromQL with rates over `windowS` seconds. */
export const panelQuery = ({ expr }: Panel, windowS: number): string =>
  expr.replaceAll('$window', `${windowS}s`);
