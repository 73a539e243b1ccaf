/** The availability ledger, as the prober stores it. Every function throws UnavailableError. */
import { Value } from 'typebox/value';
import { BUDGET_S_PER_YEAR, BUDGET_WINDOW_S, claim, OBJECTIVE, ProbeName } from '../lib/availability.ts';
import type { Database } from '../lib/bounded-leader.ts';
import type {
  AvailabilityBody,
  AvailabilityTimelineBody,
  Incident,
  IncidentsBody,
} from './availability-schemas.ts';

/** Bad seconds that are no further apart are one incident: an outage flaps at its edges. */
const INCIDENT_GAP_S = 60;
const FAILURES_LISTED = 5;

type Sums = {
  observed: number;
  bad: number;
  good_requests: number;
  bad_requests: number;
  first: number | null;
  last: number | null;
};

const SINCE_EVER_S = Number.MAX_SAFE_INTEGER;
const WINDOWS = [
  ['hour', 3_600],
  ['day', 86_400],
  ['month', 30 * 86_400],
  ['since_start', SINCE_EVER_S],
] as const;

/** Sums of the minutes that began at or after `from`, Unix seconds. */
async function sums(db: Database, from: number): Promise<Sums> {
  const { rows } = await db.query<Sums>(
    `SELECT coalesce(sum(observed_s), 0)::float8 AS observed, coalesce(sum(bad_s), 0)::float8 AS bad,
       coalesce(sum(good_requests), 0)::float8 AS good_requests,
       coalesce(sum(bad_requests), 0)::float8 AS bad_requests,
       extract(epoch FROM min(minute))::float8 AS first, extract(epoch FROM max(last_at))::float8 AS last
     FROM availability_minute WHERE minute >= to_timestamp($1::float8)`,
    [from],
  );
  const [row] = rows;
  if (row === undefined) throw new Error('a sum has one row');
  return row;
}

const iso = (second: number | null): string | null =>
  second === null ? null : new Date(second * 1_000).toISOString();

/** What was observed and what may be claimed. `nowMs`: the wall clock. */
export async function readAvailability(db: Database, nowMs: number): Promise<AvailabilityBody> {
  const now = Math.floor(nowMs / 1_000);
  const ever = await sums(db, 0);
  const { first } = ever;
  const windows = [];
  for (const [window, seconds] of WINDOWS) {
    const from = Math.max(0, now - seconds);
    const { observed, bad, good_requests, bad_requests } =
      from === 0 ? ever : await sums(db, from - (from % 60));
    const span = first === null ? 0 : Math.max(0, now - Math.max(from, first));
    const { availability, at_least, at_best, text } = claim(observed, bad);
    windows.push({
      window,
      observed_s: observed,
      unobserved_s: Math.max(0, span - observed),
      bad_s: bad,
      good_requests,
      bad_requests,
      availability,
      at_least,
      at_best,
      text,
    });
  }
  const year = await sums(db, now - BUDGET_WINDOW_S);
  const failed = await db.query<{ probe: string; count: number }>(
    'SELECT probe, count(*)::integer AS count FROM availability_failure GROUP BY probe ORDER BY probe',
  );
  return {
    objective: OBJECTIVE,
    since: iso(first),
    last_observed_at: iso(ever.last),
    windows,
    budget: {
      per_year_s: BUDGET_S_PER_YEAR,
      spent_s: year.bad,
      left_s: BUDGET_S_PER_YEAR - year.bad,
    },
    failed_by_probe: Object.fromEntries(failed.rows.map(({ probe, count }) => [probe, count])),
  };
}

type IncidentRow = {
  from_s: number;
  to_s: number;
  bad_s: number;
  failed: number;
  probes: string[];
  failures: Incident['failures'];
  drill_id: string | null;
  total: number;
};

/** The newest first. The database gathers them: an outage of a day has 300,000 failed probes. */
export async function readIncidents(db: Database, limit: number): Promise<IncidentsBody> {
  const { rows } = await db.query<IncidentRow>(
    `WITH marked AS (
       SELECT at, probe, failure,
         (at - lag(at) OVER (ORDER BY at) > make_interval(secs => $1)) IS NOT FALSE AS begins
       FROM availability_failure
     ), numbered AS (
       SELECT at, probe, failure, count(*) FILTER (WHERE begins) OVER (ORDER BY at) AS incident FROM marked
     ), gathered AS (
       SELECT incident, min(at) AS from_at, max(at) + interval '1 second' AS to_at,
         count(DISTINCT at)::integer AS bad_s, count(*)::integer AS failed,
         array_agg(DISTINCT probe ORDER BY probe) AS probes, count(*) OVER ()::integer AS total
       FROM numbered GROUP BY incident ORDER BY from_at DESC LIMIT $2
     )
     SELECT extract(epoch FROM from_at)::float8 AS from_s, extract(epoch FROM to_at)::float8 AS to_s,
       bad_s, failed, probes, total,
       (SELECT jsonb_agg(jsonb_build_object('failure', failure, 'count', count) ORDER BY count DESC, failure)
        FROM (SELECT failure, count(*)::integer AS count FROM numbered n
              WHERE n.incident = g.incident GROUP BY failure ORDER BY count DESC LIMIT ${FAILURES_LISTED}) AS f
       ) AS failures,
       (SELECT id FROM drill_report WHERE started_at <= to_at AND finished_at >= from_at
        ORDER BY started_at DESC LIMIT 1) AS drill_id
     FROM gathered g ORDER BY from_at DESC`,
    [INCIDENT_GAP_S, limit],
  );
  return {
    total: rows[0]?.total ?? 0,
    incidents: rows.map(({ from_s, to_s, bad_s, failed, probes, failures, drill_id }) => ({
      started_at: new Date(from_s * 1_000).toISOString(),
      ended_at: new Date(to_s * 1_000).toISOString(),
      bad_s,
      failed_requests: failed,
      probes: probes.filter((probe) => Value.Check(ProbeName, probe)),
      failures,
      budget_share: bad_s / BUDGET_S_PER_YEAR,
      drill_id,
    })),
  };
}

/** Steps begin at multiples of their width; the last one is the one that `nowMs` is in. */
export async function readAvailabilityTimeline(
  db: Database,
  { hours, points }: { readonly hours: number; readonly points: number },
  nowMs: number,
): Promise<AvailabilityTimelineBody> {
  const step = Math.max(60, Math.ceil((hours * 3_600) / points / 60) * 60);
  const last = Math.floor(nowMs / 1_000 / step);
  const first = last - Math.ceil((hours * 3_600) / step) + 1;
  const { rows } = await db.query<{ bucket: number; observed: number; bad: number }>(
    `SELECT floor(extract(epoch FROM minute) / $1::integer)::integer AS bucket, sum(observed_s)::integer AS observed,
       sum(bad_s)::integer AS bad
     FROM availability_minute WHERE minute >= to_timestamp($2::float8) GROUP BY 1`,
    [step, first * step],
  );
  const known = new Map(rows.map((row) => [row.bucket, row]));
  const buckets = Array.from({ length: last - first + 1 }, (_, index) => known.get(first + index));
  const year = await sums(db, nowMs / 1_000 - BUDGET_WINDOW_S);
  let left = BUDGET_S_PER_YEAR - year.bad + buckets.reduce((sum, one) => sum + (one?.bad ?? 0), 0);
  return {
    from: new Date(first * step * 1_000).toISOString(),
    step_s: step,
    observed_s: buckets.map((one) => one?.observed ?? 0),
    bad_s: buckets.map((one) => one?.bad ?? 0),
    budget_left_s: buckets.map((one) => {
      left -= one?.bad ?? 0;
      return left;
    }),
  };
}
