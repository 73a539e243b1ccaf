/** Alerts that are not about a budget's burn: what is about to cost it, or takes away what protects it. Data. */

export type Alert = {
  readonly alert: string;
  readonly expr: string;
  readonly for: string;
  readonly severity: 'page' | 'ticket';
  /** One line; Prometheus fills in {{ $labels… }}. */
  readonly summary: string;
  /** A file in docs/runbooks. */
  readonly runbook: string;
};

export const ALERTS: readonly Alert[] = [
  {
    alert: 'TargetDown',
    // What has never been up is still starting; TargetMissing is about what never does.
    expr: 'tier0:target_up == 0 and max_over_time(tier0:target_up[1h]) == 1',
    for: '10s',
    severity: 'ticket',
    summary: '{{ $labels.job }} of {{ $labels.region }} does not answer: it is dead, frozen or cut off',
    runbook: 'target-down.md',
  },
  {
    alert: 'TargetMissing',
    expr: 'max_over_time(tier0:target_up[10m]) == 0',
    for: '5m',
    severity: 'ticket',
    summary: '{{ $labels.job }} of {{ $labels.region }} was planned and has never answered',
    runbook: 'target-down.md',
  },
  {
    alert: 'RegionDown',
    expr: 'max by (region) (tier0:target_up{region=~"region1|region2|witness"}) == 0 and max by (region) (max_over_time(tier0:target_up[1h])) == 1',
    for: '5s',
    severity: 'ticket',
    summary: 'Nothing of {{ $labels.region }} answers; the others carry on without a spare',
    runbook: 'region-down.md',
  },
  {
    alert: 'NobodyObserves',
    expr: 'absent(tier0_probe_total) or sum(increase(tier0_probe_total[1m])) == 0',
    // After a start probes count once they were good for half a minute.
    for: '2m',
    severity: 'page',
    summary: 'No probe reports: whether the promise is kept is not known',
    runbook: 'nobody-observes.md',
  },
  {
    alert: 'NoLeader',
    expr: 'absent(tier0_cluster_leader == 1)',
    for: '30s',
    severity: 'page',
    summary: 'No region leads: nothing can be written',
    runbook: 'no-leader.md',
  },
  {
    alert: 'CommitsInOneRegion',
    expr: 'max(tier0_cluster_strict) == 0',
    for: '1m',
    severity: 'ticket',
    summary: 'What is acknowledged is in one region only: the loss of this one would lose it',
    runbook: 'commits-in-one-region.md',
  },
  {
    alert: 'AutomationPaused',
    expr: 'max(tier0_cluster_paused) == 1',
    for: '15m',
    severity: 'ticket',
    summary: 'Automatic takeover has been paused for 15 minutes',
    runbook: 'automation-paused.md',
  },
  {
    alert: 'ReadingsRejected',
    expr: 'sum(rate(tier0_ingest_readings_rejected_total[5m])) / sum(rate(tier0_ingest_readings_received_total[5m])) > 0.05',
    for: '5m',
    severity: 'ticket',
    summary: 'More than 5 % of what devices send is refused',
    runbook: 'readings-rejected.md',
  },
  {
    alert: 'ReadingsWaitAtSite',
    expr: 'mosquitto_store_messages > 100000',
    for: '2m',
    severity: 'ticket',
    summary: '{{ $value }} messages wait at the site for the regions; at 1,000,000 new ones are dropped',
    runbook: 'readings-wait-at-site.md',
  },
  {
    alert: 'UserEventsDead',
    expr: 'sum(increase(tier0_user_events_dead_letters_total[10m])) > 0',
    for: '0s',
    severity: 'ticket',
    summary: 'User events were set aside that can never be stored as they are',
    runbook: 'user-events-dead.md',
  },
  {
    alert: 'QueueGrows',
    expr: 'max(rabbitmq_queue_messages_ready) > 10000',
    for: '5m',
    severity: 'ticket',
    summary: '{{ $value }} user events wait in the queue',
    runbook: 'queue-grows.md',
  },
  {
    alert: 'DiskFills',
    expr: 'tier0_disk_free_ratio < 0.1',
    for: '1m',
    severity: 'page',
    summary: 'Less than 10 % of the disk under the data directory is free',
    runbook: 'disk-fills.md',
  },
  {
    alert: 'LedgerNotStored',
    expr: 'tier0_ledger_waiting_seconds > 300',
    for: '1m',
    severity: 'ticket',
    summary: 'The availability ledger waits for the database with {{ $value }} s',
    runbook: 'ledger-not-stored.md',
  },
  {
    alert: 'RoleRestarts',
    expr: 'changes(process_start_time_seconds{role!=""}[10m]) > 3',
    for: '0s',
    severity: 'ticket',
    summary:
      '{{ $labels.role }} of {{ $labels.region }} was started again more than three times in ten minutes',
    runbook: 'role-restarts.md',
  },
];
