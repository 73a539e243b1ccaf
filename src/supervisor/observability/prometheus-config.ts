/** Prometheus' and Alertmanager's configuration; JSON is YAML. Pure: the group supervisor writes the files. */
import type { Topology } from '../../lib/topology.ts';
import type { Target } from './targets.ts';

const SCRAPE_S = 10;
/** What the objectives are measured by is asked more often, so that an alert comes soon. */
const PROBER_SCRAPE_S = 5;
const TIMEOUT_S = 4;

/** Of etcd's 1,300 series these are about its health. */
const ETCD_KEPT =
  'up|process_.*|etcd_server_(has_leader|is_leader|leader_changes_seen_total|proposals_.*|quota_backend_bytes)|etcd_disk_(wal_fsync|backend_commit)_duration_seconds_.*|etcd_mvcc_db_total_size_in_(use_in_)?bytes|etcd_network_peer_round_trip_time_seconds_(sum|count)';
/** Settings and per-database rows of template databases say nothing that changes. */
const POSTGRES_DROPPED = 'pg_settings_.*|pg_locks_.*|pg_stat_database_.*time.*';

type Relabel = { source_labels: string[]; regex: string; action: 'keep' | 'drop' };
const RELABEL: Readonly<Record<string, Relabel[]>> = {
  etcd: [{ source_labels: ['__name__'], regex: ETCD_KEPT, action: 'keep' }],
  postgres: [{ source_labels: ['__name__'], regex: POSTGRES_DROPPED, action: 'drop' }],
  rabbitmq: [{ source_labels: ['__name__'], regex: 'erlang_.*', action: 'drop' }],
};
/** Innards of runtimes, by a hundred series a process, that nobody has asked for yet. */
const INNARDS: Relabel = {
  source_labels: ['__name__'],
  regex:
    'go_.*|promhttp_.*|net_conntrack_.*|nodejs_heap_space_.*|nodejs_active_(handles|requests|resources)|nodejs_gc_duration_seconds_bucket|redis_latency_percentiles_.*|prometheus_(sd|target|engine|tsdb|remote|http|notifications|template|treecache|web)_.*',
  action: 'drop',
};

export function prometheusConfig(targets: readonly Target[], at: Topology, rules: string): object {
  const jobs = [...new Set(targets.map(({ job }) => job))];
  return {
    global: { scrape_interval: `${SCRAPE_S}s`, scrape_timeout: `${TIMEOUT_S}s`, evaluation_interval: '5s' },
    rule_files: [rules],
    alerting: {
      alertmanagers: [{ static_configs: [{ targets: [`${at.host}:${at.edge.alertmanager}`] }] }],
    },
    scrape_configs: jobs.flatMap((job) => scrapeConfigs(job, targets, at.host)),
  };
}

/** Targets behind one exporter differ by a parameter, which is the configuration's and not the target's. */
function scrapeConfigs(job: string, all: readonly Target[], host: string): object[] {
  const own = all.filter((target) => target.job === job);
  const kinds = new Set(own.map(({ path, params }) => JSON.stringify({ path, params })));
  return [...kinds].map((kind, index) => {
    const group = own.filter(({ path, params }) => JSON.stringify({ path, params }) === kind);
    const [{ path, params } = { path: '/metrics', params: undefined }] = group;
    return {
      job_name: kinds.size === 1 ? job : `${job}-${index + 1}`,
      metrics_path: path,
      ...(params === undefined
        ? {}
        : { params: Object.fromEntries(Object.entries(params).map(([key, value]) => [key, [value]])) }),
      ...(job === 'prober' ? { scrape_interval: `${PROBER_SCRAPE_S}s` } : {}),
      // Our roles say their role and region themselves.
      honor_labels: true,
      static_configs: group.map(({ port, region }) => ({
        targets: [`${host}:${port}`],
        labels: { region, job },
      })),
      metric_relabel_configs: [INNARDS, ...(RELABEL[job] ?? [])],
    };
  });
}

/** `webhook`: an address that is told of every alert; null: they are on the page and in Alertmanager only. */
export function alertmanagerConfig(webhook: string | null): object {
  const told = webhook === null ? {} : { webhook_configs: [{ url: webhook, send_resolved: true }] };
  return {
    route: {
      receiver: 'default',
      group_by: ['alertname', 'region'],
      group_wait: '1s',
      group_interval: '30s',
      repeat_interval: '4h',
    },
    receivers: [{ name: 'default', ...told }],
    inhibit_rules: [
      {
        source_matchers: ['alertname = RegionDown'],
        target_matchers: ['alertname = TargetDown'],
        equal: ['region'],
      },
    ],
  };
}
