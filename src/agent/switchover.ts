/**
 * A planned move of the whole service, asked for at any agent. The request becomes an intent in etcd; the
 * leader carries it out or refuses it (decide-leader.ts), and this only watches, moves Redis along, and measures.
 *
 * The request's idempotency key is the operation's id: the same request at another agent, as when the first
 * one died, watches the same operation, and one that is over answers from the history.
 */
import { monotonicMs, sleep, wallMs } from '../lib/clock.ts';
import {
  type ClusterRecord,
  INTENT_KEY,
  type Intent,
  OUTCOME_KEY,
  parseIntent,
  parseRecord,
  RECORD_KEY,
} from '../lib/cluster.ts';
import type { FailoverBody, HistoryRow } from '../lib/control-schemas.ts';
import { describeError } from '../lib/errors.ts';
import type { Etcd } from '../lib/etcd.ts';
import type { Log } from '../lib/log.ts';
import { type DataRegion, isDataRegion, type Topology } from '../lib/topology.ts';
import type { SentinelDriver } from './drivers/sentinel.ts';
import { routesLeadTo, writeThroughFrontDoor } from './front-door.ts';
import { readHistory } from './history.ts';
import { type Answer, refusal, withEtcd } from './operator.ts';

const LIMIT_MS = 20_000;
const POLL_MS = 10;
const ONE_SECOND_MS = 1_000;
/** An operation that a repeated request asks about is among the newest. */
const REMEMBERED_ROWS = 50;

export type SwitchoverParts = {
  readonly etcd: Etcd;
  readonly sentinel: SentinelDriver;
  readonly topology: Topology;
  readonly log: Log;
};

/** 200 with the measured steps in seconds; 400, 409 or 503 with the reason. */
export function switchOver(target: string, id: string, parts: SwitchoverParts): Promise<Answer> {
  if (!isDataRegion(target)) {
    return Promise.resolve(refusal(400, 'unknown_region', `there is no region "${target}"`, 'region'));
  }
  return withEtcd(async () => (await answerRepeated(target, id, parts)) ?? (await begin(target, id, parts)));
}

/** The answer to a request that is under way or over already; null for a new one. */
async function answerRepeated(
  target: DataRegion,
  id: string,
  parts: SwitchoverParts,
): Promise<Answer | null> {
  const row = (await readHistory(parts.etcd, REMEMBERED_ROWS)).find((one) => one.id === id);
  if (row?.outcome === 'completed') return { status: 200, body: bodyOf(row, target) };
  if (row?.outcome === 'abandoned') return refusal(503, 'given_up', row.reason);
  const pending = await parts.etcd.get(INTENT_KEY);
  const sameId = pending !== null && parseIntent(pending.value).id === id;
  return sameId || row?.outcome === 'running' ? watch(target, id, monotonicMs(), parts) : null;
}

async function begin(target: DataRegion, id: string, parts: SwitchoverParts): Promise<Answer> {
  const record = await readRecord(parts.etcd);
  const refused = refuseEarly(record, target);
  if (refused !== null) return refused;
  const startedMs = monotonicMs();
  const intent: Intent = { id, kind: 'switchover', target, requestedAt: new Date(wallMs()).toISOString() };
  if (!(await parts.etcd.compareAndSet(INTENT_KEY, 0, JSON.stringify(intent)))) {
    // The same request may have come twice at the same moment.
    const again = await answerRepeated(target, id, parts);
    return again ?? refusal(409, 'operation_running', 'another operation is under way');
  }
  return watch(target, id, startedMs, parts);
}

async function readRecord(etcd: Etcd): Promise<ClusterRecord | null> {
  const pair = await etcd.get(RECORD_KEY);
  return pair === null ? null : parseRecord(pair.value);
}

function refuseEarly(record: ClusterRecord | null, target: DataRegion): Answer | null {
  if (record === null) return refusal(503, 'not_ready', 'the cluster is not initialised yet');
  if (record.phase !== 'serving') return refusal(409, 'operation_running', `the cluster is ${record.phase}`);
  if (record.leader === target) return refusal(409, 'already_there', `${target} leads already`, 'region');
  if (record.mode !== 'strict') return refusal(503, 'would_lose_data', `solo: ${record.reason}`);
  return null;
}

type Watched = { readonly record: ClusterRecord } | { readonly refused: Answer };

/** Resolves when `target` serves under this operation, or it was refused or given up. */
async function untilServing(
  target: DataRegion,
  id: string,
  startedMs: number,
  { etcd }: SwitchoverParts,
  onRecorded: () => void,
): Promise<Watched> {
  for (;;) {
    const record = await readRecord(etcd);
    const ours = record?.operation?.id === id ? record : null;
    if (ours?.leader === target) onRecorded();
    if (ours?.phase === 'serving') {
      return ours.leader === target
        ? { record: ours }
        : { refused: refusal(503, 'given_up', `${ours.reason}; ${ours.leader} leads on`) };
    }
    const outcome = await etcd.get(OUTCOME_KEY);
    if (outcome?.value.startsWith(`${id} `) === true) {
      return { refused: refusal(503, 'refused', outcome.value.slice(id.length + 1)) };
    }
    if (monotonicMs() - startedMs > LIMIT_MS) {
      return { refused: refusal(503, 'timeout', `not finished after ${LIMIT_MS / 1_000} s; see /status`) };
    }
    await sleep(POLL_MS);
  }
}

type Timed = { readonly atMs: number; readonly failure: string | null };

/** When the work ended, and why it failed if it did: parts beside the database do not undo the move. */
function timed(work: Promise<unknown>): Promise<Timed> {
  return work.then(
    () => ({ atMs: monotonicMs(), failure: null }),
    (error: unknown) => ({ atMs: monotonicMs(), failure: describeError(error) }),
  );
}

async function watch(
  target: DataRegion,
  id: string,
  startedMs: number,
  parts: SwitchoverParts,
): Promise<Answer> {
  const recorded = Promise.withResolvers<number>();
  const redisMoved = timed(recorded.promise.then(() => parts.sentinel.moveTo(target)));
  const routed = timed(recorded.promise.then(() => routesLeadTo(target, parts.topology)));
  const watched = await untilServing(target, id, startedMs, parts, () => recorded.resolve(monotonicMs()));
  if ('refused' in watched) return watched.refused;
  const promotedMs = monotonicMs();
  const written = await timed(writeThroughFrontDoor(id, parts.topology));
  const [recordedMs, redis, routes] = await Promise.all([recorded.promise, redisMoved, routed]);
  const warnings = { redis: redis.failure, routing: routes.failure, validation: written.failure };
  for (const [part, failure] of Object.entries(warnings)) {
    if (failure !== null) parts.log.warn({ part, failure }, 'switched over, but');
  }
  const seconds = (ms: number): number => Math.round(ms) / 1_000;
  const endMs = Math.max(promotedMs, redis.atMs, routes.atMs, written.atMs);
  const body: FailoverBody = {
    success: true,
    target_region: target,
    total_failover_time: seconds(endMs - startedMs),
    tier0_compliant: endMs - startedMs < ONE_SECOND_MS,
    steps: {
      database_promotion: seconds(promotedMs - startedMs),
      redis_failover: seconds(redis.atMs - recordedMs),
      routing_update: seconds(routes.atMs - recordedMs),
      validation: seconds(written.atMs - promotedMs),
    },
    timestamp: new Date(wallMs()).toISOString(),
  };
  const failures = Object.entries(warnings).flatMap(([part, failure]) =>
    failure === null ? [] : [`${part}: ${failure}`],
  );
  return { status: 200, body: failures.length === 0 ? body : { ...body, warnings: failures } };
}

/** What a finished operation's record tells of it; the parts beside the database are not in it. */
function bodyOf(row: HistoryRow, target: DataRegion): FailoverBody {
  const total = (row.duration_ms ?? 0) / 1_000;
  return {
    success: true,
    target_region: target,
    total_failover_time: total,
    tier0_compliant: total < 1,
    steps: { database_promotion: total, redis_failover: 0, routing_update: 0, validation: 0 },
    timestamp: row.at,
  };
}
