/** Fills table `reading` with a day of believable rows for the whole fleet, made by PostgreSQL itself. */
import type pg from 'pg';
import { DEVICE_TYPES, DEVICES_PER_TYPE, FLEET_SIZE } from '../src/lib/fleet.ts';

const MINUTE_MS = 60_000;
/** Ready-made metric arrays per type: cheaper than computing every row's, varied enough to have extremes. */
const VARIANTS_PER_TYPE = 256;

export type FillPlan = {
  readonly rows: number;
  readonly fromMs: number;
  readonly toMs: number;
  readonly partitionMinutes: number;
};

export type FillStep = {
  readonly partitionFromMs: number;
  /** Each device's readings fromMs + k × everyMs for firstRound ≤ k < endRound lie in this partition. */
  readonly firstRound: number;
  readonly endRound: number;
  readonly everyMs: number;
};

/** Cuts the load into partitions; every device has its readings at equal distances, all devices in each round. */
export function planFill({ rows, fromMs, toMs, partitionMinutes }: FillPlan): FillStep[] {
  const rounds = Math.max(1, Math.round(rows / FLEET_SIZE));
  const everyMs = (toMs - fromMs) / rounds;
  const widthMs = partitionMinutes * MINUTE_MS;
  const steps: FillStep[] = [];
  for (let at = Math.floor(fromMs / widthMs) * widthMs; at < toMs; at += widthMs) {
    const firstRound = Math.max(0, Math.ceil((at - fromMs) / everyMs));
    const endRound = Math.min(rounds, Math.ceil((at + widthMs - fromMs) / everyMs));
    if (endRound > firstRound) steps.push({ partitionFromMs: at, firstRound, endRound, everyMs });
  }
  return steps;
}

/** Makes the session's table of metric arrays. */
export async function prepareVariants(client: pg.Client): Promise<void> {
  await client.query(
    'CREATE TEMP TABLE bench_variant (type_index integer, variant integer, metrics double precision[])',
  );
  for (const [typeIndex, { nominal }] of DEVICE_TYPES.entries()) {
    await client.query(
      `INSERT INTO bench_variant
       SELECT $1, v, (SELECT array_agg(round((n * (1 + 0.1 * sin(v / 256.0 * 2 * pi() + i)))::numeric, 2)::float8
                                       ORDER BY i)
                      FROM unnest($2::float8[]) WITH ORDINALITY AS one(n, i))
       FROM generate_series(0, $3 - 1) AS v`,
      [typeIndex, nominal, VARIANTS_PER_TYPE],
    );
  }
  await client.query('ANALYZE bench_variant');
}

/**
 * Loads one partition in the order in which readings arrive, round after round, so that a device's rows lie
 * as far apart in the table as they do in life. Returns the rows added; those that exist already are kept.
 */
export async function fill(client: pg.Client, plan: FillPlan, step: FillStep): Promise<number> {
  await client.query('SELECT ensure_reading_partition($1, $2)', [
    new Date(step.partitionFromMs),
    plan.partitionMinutes,
  ]);
  const { rowCount } = await client.query(
    `INSERT INTO reading (ts, received_at, context, device_no, state, metrics)
     SELECT moment, moment, coalesce((SELECT min(context) FROM reading_context), 0), no, 0, v.metrics
     FROM generate_series($1::int, $2::int - 1) AS round
     CROSS JOIN LATERAL (SELECT date_trunc('milliseconds',
                                $3::timestamptz + round * $4::float8 * interval '1 ms') AS moment) AS at
     CROSS JOIN generate_series(1, $5::int) AS no
     JOIN bench_variant v ON v.type_index = (no - 1) / $6::int AND v.variant = (no * 31 + round * 7) % $7::int
     ON CONFLICT (device_no, ts) DO NOTHING`,
    [
      step.firstRound,
      step.endRound,
      new Date(plan.fromMs),
      step.everyMs,
      FLEET_SIZE,
      DEVICES_PER_TYPE,
      VARIANTS_PER_TYPE,
    ],
  );
  return rowCount ?? 0;
}
