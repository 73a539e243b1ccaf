/**
 * A planned move of the whole service, asked for at either agent. The request becomes an intent in etcd; the
 * leader carries it out or refuses it (decide.ts), and this only watches and measures.
 */
import { randomUUID } from 'node:crypto';
import { monotonicMs, sleep, wallMs } from '../lib/clock.ts';
import {
  type ClusterRecord,
  INTENT_KEY,
  type Intent,
  OUTCOME_KEY,
  parseRecord,
  RECORD_KEY,
} from '../lib/cluster.ts';
import { describeError } from '../lib/errors.ts';
import type { Etcd } from '../lib/etcd.ts';
import { probe } from '../lib/probe.ts';
import { type DataRegion, isDataRegion, type Topology } from '../lib/topology.ts';
import type { SentinelDriver } from './drivers/sentinel.ts';

const LIMIT_MS = 20_000;
const POLL_MS = 10;

export type Answer = { readonly status: number; readonly body: object };

export type SwitchoverParts = {
  readonly etcd: Etcd;
  readonly sentinel: SentinelDriver;
  readonly topology: Topology;
};

const refusal = (status: number, error: string, message: string): Answer => ({
  status,
  body: { success: false, error, message, timestamp: new Date(wallMs()).toISOString() },
});

/** 200 with the measured steps in seconds; 400, 409 or 503 with the reason. */
export async function switchOver(target: string, parts: SwitchoverParts): Promise<Answer> {
  if (!isDataRegion(target)) return refusal(400, 'unknown_region', `there is no region "${target}"`);
  try {
    const record = await readRecord(parts.etcd);
    const refused = refuseEarly(record, target);
    if (refused !== null) return refused;
    const startedMs = monotonicMs();
    const id = randomUUID();
    const intent: Intent = { id, kind: 'switchover', target, requestedAt: new Date(wallMs()).toISOString() };
    if (!(await parts.etcd.compareAndSet(INTENT_KEY, 0, JSON.stringify(intent)))) {
      return refusal(409, 'operation_running', 'another operation is under way');
    }
    return await watch(target, id, startedMs, parts);
  } catch (error) {
    return refusal(503, 'unavailable', describeError(error));
  }
}

async function readRecord(etcd: Etcd): Promise<ClusterRecord | null> {
  const pair = await etcd.get(RECORD_KEY);
  return pair === null ? null : parseRecord(pair.value);
}

function refuseEarly(record: ClusterRecord | null, target: DataRegion): Answer | null {
  if (record === null) return refusal(503, 'not_ready', 'the cluster is not initialised yet');
  if (record.phase !== 'serving') return refusal(409, 'operation_running', `the cluster is ${record.phase}`);
  if (record.leader === target) return refusal(409, 'already_there', `${target} leads already`);
  if (record.mode !== 'strict') return refusal(503, 'would_lose_data', `solo: ${record.reason}`);
  return null;
}

async function watch(
  target: DataRegion,
  id: string,
  startedMs: number,
  parts: SwitchoverParts,
): Promise<Answer> {
  for (;;) {
    const record = await readRecord(parts.etcd);
    if (record?.leader === target && record.phase === 'serving') break;
    const outcome = await parts.etcd.get(OUTCOME_KEY);
    if (outcome?.value.startsWith(id)) return refusal(503, 'refused', outcome.value.slice(id.length + 1));
    if (monotonicMs() - startedMs > LIMIT_MS) {
      return refusal(503, 'timeout', `not finished after ${LIMIT_MS / 1000} s; see /status`);
    }
    await sleep(POLL_MS);
  }
  const promotedMs = monotonicMs();
  const redis = await parts.sentinel.moveTo(target).then(
    () => null,
    (error: unknown) => describeError(error),
  );
  const redisMs = monotonicMs();
  const { host, [target]: ports } = parts.topology;
  const routed = await probe(host, { kind: 'http', port: ports.api, path: '/health' });
  const routedMs = monotonicMs();
  const seconds = (fromMs: number, toMs: number): number => Math.round(toMs - fromMs) / 1_000;
  return {
    status: 200,
    body: {
      success: true,
      target_region: target,
      total_failover_time: seconds(startedMs, promotedMs),
      tier0_compliant: promotedMs - startedMs < 1_000,
      steps: {
        database_promotion: seconds(startedMs, promotedMs),
        redis_failover: seconds(promotedMs, redisMs),
        routing_update: seconds(redisMs, routedMs),
      },
      api_healthy: routed,
      ...(redis === null ? {} : { redis_warning: redis }),
      timestamp: new Date(wallMs()).toISOString(),
    },
  };
}
