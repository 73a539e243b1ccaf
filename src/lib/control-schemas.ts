/**
 * The shapes of the control port (8003): what agents say of the cluster, and drills with their reports. The
 * dashboard's types come from here. Times are ISO 8601 in UTC; `*_s`, `*_ms`, `*_bytes` name their unit.
 */
import { type Static, Type } from 'typebox';
import { Nullable } from './schema.ts';

export const DataRegionName = Type.Union([Type.Literal('region1'), Type.Literal('region2')]);
const MemberName = Type.Union([Type.Literal('region1'), Type.Literal('region2'), Type.Literal('witness')]);

const Marks = Type.Record(Type.String(), Type.String(), {
  description: 'When each step was made, by the clock of the agent that made it',
});

const RecordBody = Type.Object({
  epoch: Type.Integer(),
  leader: DataRegionName,
  sync_set: Type.Array(DataRegionName),
  mode: Type.Union([Type.Literal('strict'), Type.Literal('solo')]),
  phase: Type.Union([
    Type.Literal('bootstrapping'),
    Type.Literal('serving'),
    Type.Literal('handing_over'),
    Type.Literal('promoting'),
  ]),
  reason: Type.String(),
  since: Type.String(),
  operation: Nullable(
    Type.Object({
      id: Type.String(),
      kind: Type.Union([Type.Literal('takeover'), Type.Literal('switchover')]),
      from: DataRegionName,
      marks: Marks,
    }),
  ),
});

const MemberBody = Type.Object({
  region: MemberName,
  role: Type.Union([Type.Literal('leader'), Type.Literal('standby'), Type.Literal('witness')]),
  heartbeat_age_ms: Nullable(
    Type.Number({ description: 'Since its heartbeat last advanced; null: never seen' }),
  ),
  postgres: Nullable(
    Type.Object({
      state: Type.String({ description: 'absent, stopped, crashed, unreachable, standby or primary' }),
      timeline: Nullable(Type.Integer()),
      lsn: Nullable(Type.String()),
      gate: Type.Union([Type.Literal('open'), Type.Literal('closed')]),
    }),
  ),
  /** The leader's view of its standby. */
  replication: Nullable(
    Type.Object({
      sync_state: Type.String({ description: 'sync, async or catchup' }),
      lag_bytes: Type.Number(),
      lag_ms: Nullable(Type.Number()),
    }),
  ),
  canary_ms: Nullable(Type.Number({ description: 'What the last write canary took; null: none lately' })),
  redis: Nullable(Type.Union([Type.Literal('master'), Type.Literal('replica'), Type.Literal('away')])),
  /** Of the region's supervisor: how many of its processes are ready, and which are not. */
  processes: Nullable(
    Type.Object({ ready: Type.Integer(), total: Type.Integer(), not_ready: Type.Array(Type.String()) }),
  ),
  doing: Nullable(Type.String({ description: 'The action that its agent carries out now' })),
});

/** GET /status: the cluster as the answering agent sees it now. */
export const StatusBody = Type.Object({
  timestamp: Type.String(),
  region: MemberName,
  view: Type.Union([Type.Literal('fresh'), Type.Literal('stale')], {
    description: 'stale: etcd has not confirmed it for a second; what follows may be out of date',
  }),
  view_age_ms: Nullable(Type.Number()),
  message: Type.String({ description: 'One sentence for people, also when the view is stale' }),
  record: Nullable(RecordBody),
  paused: Nullable(Type.Object({ reason: Type.String(), since: Type.String() })),
  why: Type.String({ description: 'What the answering agent waits for or does, and why' }),
  members: Type.Array(MemberBody),
});
export type StatusBody = Static<typeof StatusBody>;

/** GET /validate */
export const ValidateBody = Type.Object({
  region: MemberName,
  valid: Type.Boolean(),
  findings: Type.Array(Type.Object({ check: Type.String(), ok: Type.Boolean(), detail: Type.String() })),
});
export type ValidateBody = Static<typeof ValidateBody>;

const HistoryRow = Type.Object({
  id: Type.String(),
  kind: Type.Union([
    Type.Literal('takeover'),
    Type.Literal('switchover'),
    Type.Literal('solo'),
    Type.Literal('strict'),
    Type.Literal('start'),
  ]),
  outcome: Type.Union([Type.Literal('completed'), Type.Literal('abandoned'), Type.Literal('running')]),
  epoch: Type.Integer(),
  from: Nullable(DataRegionName),
  leader: DataRegionName,
  reason: Type.String(),
  at: Type.String({ description: 'When it ended, or was last heard of' }),
  duration_ms: Nullable(Type.Number({ description: 'From the first mark to the last' })),
  marks: Marks,
});
export type HistoryRow = Static<typeof HistoryRow>;

/** GET /history?limit: changes of leader and of mode, newest first. */
export const HistoryBody = Type.Object({ operations: Type.Array(HistoryRow) });
export type HistoryBody = Static<typeof HistoryBody>;

/** POST /pause takes it; POST /resume takes nothing. Both answer StatusBody's `paused` as {paused}. */
export const PauseRequest = Type.Object(
  { reason: Type.String({ minLength: 1, maxLength: 200, default: 'maintenance' }) },
  { additionalProperties: false },
);

/** POST /failover/{region}: 200 as below; 400, 409 and 503 with {success: false, error, message, timestamp}. */
export const FailoverBody = Type.Object({
  success: Type.Boolean(),
  target_region: DataRegionName,
  total_failover_time: Type.Number({ description: 'Seconds' }),
  tier0_compliant: Type.Boolean({ description: 'Within one second' }),
  steps: Type.Object({
    database_promotion: Type.Number(),
    redis_failover: Type.Number(),
    routing_update: Type.Number(),
    validation: Type.Number(),
  }),
  timestamp: Type.String(),
});
export type FailoverBody = Static<typeof FailoverBody>;

export const FaultName = Type.Union([
  Type.Literal('kill'),
  Type.Literal('freeze'),
  Type.Literal('kill-postgres'),
  Type.Literal('freeze-postgres'),
  Type.Literal('kill-agent'),
  Type.Literal('kill-etcd-leader'),
  Type.Literal('kill-witness'),
  Type.Literal('switchover'),
]);
export type FaultName = Static<typeof FaultName>;

/** POST /drills: 202 {id}; 409 while another one runs or the cluster is not strict. */
export const DrillRequest = Type.Object(
  {
    fault: FaultName,
    target: Type.Union([DataRegionName, Type.Literal('leader'), Type.Literal('standby')], {
      default: 'leader',
      description: 'The region that is broken; no meaning for kill-witness, kill-etcd-leader and switchover',
    }),
    repeat: Type.Integer({ minimum: 1, maximum: 1_000, default: 1 }),
    writes_per_s: Type.Integer({ minimum: 1, maximum: 1_000, default: 200 }),
    telemetry_per_s: Type.Optional(
      Type.Integer({
        minimum: 0,
        maximum: 20_000,
        description:
          'Readings of devices of the simulated fleet; default 1000 with the simulated fleet, else 0',
      }),
    ),
    freeze_s: Type.Number({ minimum: 0.5, maximum: 60, default: 5 }),
    hypothesis: Type.Optional(Type.String({ maxLength: 500 })),
  },
  { additionalProperties: false },
);
export type DrillRequest = Static<typeof DrillRequest>;

const TimelineStep = Type.Object({
  step: Type.String({
    description:
      'fault, suspected, recorded, fenced, promoted, serving, routed, last_write_before, first_good_write, first_telemetry, healed, strict',
  }),
  at: Type.String(),
  after_ms: Type.Number({ description: 'Since the fault' }),
});
export type TimelineStep = Static<typeof TimelineStep>;

const LedgerCounts = Type.Object({
  acknowledged: Type.Integer(),
  lost: Type.Integer({ description: 'Acknowledged and not stored' }),
  duplicated: Type.Integer({ description: 'Rows beyond the first' }),
  recovered: Type.Integer({ description: 'Stored although no acknowledgement arrived' }),
});
export type LedgerCounts = Static<typeof LedgerCounts>;

const Requests = Type.Object({
  sent: Type.Integer(),
  acknowledged: Type.Integer(),
  failed: Type.Integer(),
  /** Answered, but only after more than the usual time: the routers held them. */
  held: Type.Integer(),
  worst_ms: Type.Number(),
});

const DrillRun = Type.Object({
  run: Type.Integer(),
  target: Nullable(DataRegionName),
  leader_before: DataRegionName,
  leader_after: DataRegionName,
  epoch_before: Type.Integer(),
  epoch_after: Type.Integer(),
  timeline: Type.Array(TimelineStep),
  outage_ms: Type.Number({
    description:
      'From the fault to the first write sent after it and acknowledged; of a switchover, from the last write that the old leader acknowledged',
  }),
  telemetry_outage_ms: Nullable(Type.Number()),
  solo_ms: Nullable(Type.Number({ description: 'Time spent without a second copy' })),
  rejoin_ms: Nullable(Type.Number({ description: 'From the fault, or its end when frozen, to strict' })),
  requests: Requests,
  writes: LedgerCounts,
  telemetry: Nullable(LedgerCounts),
  complaint: Nullable(Type.String({ description: 'Why this run failed; null when it did not' })),
});
export type DrillRun = Static<typeof DrillRun>;

const Distribution = Type.Object({
  min: Type.Number(),
  p50: Type.Number(),
  p99: Type.Number(),
  max: Type.Number(),
});

const DrillSummary = Type.Object({
  runs: Type.Integer(),
  outage_ms: Nullable(Distribution),
  rejoin_ms: Nullable(Distribution),
  solo_ms: Type.Number({ description: 'Total' }),
  requests: Requests,
  writes: LedgerCounts,
  telemetry: Nullable(LedgerCounts),
  error_budget_spent_s: Type.Number({
    description: 'Seconds in which a request failed or took longer than 5 s, of 3.16 s a year',
  }),
});

export const DrillReport = Type.Object({
  id: Type.String(),
  fault: FaultName,
  target: Type.String(),
  hypothesis: Type.String(),
  verdict: Type.Union([Type.Literal('passed'), Type.Literal('failed'), Type.Literal('aborted')]),
  complaint: Nullable(Type.String()),
  started_at: Type.String(),
  finished_at: Type.String(),
  load: Type.Object({ writes_per_s: Type.Integer(), telemetry_per_s: Type.Integer() }),
  build: Type.Object({ version: Type.String(), commit: Nullable(Type.String()), node: Type.String() }),
  machine: Type.Object({ cpus: Type.Integer(), memory_bytes: Type.Number(), platform: Type.String() }),
  summary: DrillSummary,
  runs: Type.Array(DrillRun),
});
export type DrillReport = Static<typeof DrillReport>;

/** GET :8000/api/drills?limit: kept reports without their runs, newest first; /api/drills/{id} has them. */
export const DrillRow = Type.Object({
  id: Type.String(),
  fault: FaultName,
  target: Type.String(),
  verdict: DrillReport.properties.verdict,
  complaint: Nullable(Type.String()),
  started_at: Type.String(),
  finished_at: Type.String(),
  summary: DrillSummary,
});
export type DrillRow = Static<typeof DrillRow>;
export const DrillsBody = Type.Object({ total: Type.Integer(), drills: Type.Array(DrillRow) });
export type DrillsBody = Static<typeof DrillsBody>;

/** GET /drills/current: the drill that runs now; null when none does. */
export const CurrentDrill = Nullable(
  Type.Object({
    id: Type.String(),
    fault: FaultName,
    target: Type.String(),
    run: Type.Integer(),
    repeat: Type.Integer(),
    phase: Type.Union([
      Type.Literal('preparing'),
      Type.Literal('broken'),
      Type.Literal('healing'),
      Type.Literal('checking'),
    ]),
    message: Type.String(),
    timeline: Type.Array(TimelineStep),
    requests: Requests,
  }),
);
export type CurrentDrill = Static<typeof CurrentDrill>;
