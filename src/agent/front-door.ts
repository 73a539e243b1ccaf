/** The front door as an operation sees it: whether its routes lead to a region, and whether a write goes through. */
import { Type } from 'typebox';
import { Value } from 'typebox/value';
import { monotonicMs, sleep } from '../lib/clock.ts';
import { httpCall } from '../lib/http-call.ts';
import type { DataRegion, Topology } from '../lib/topology.ts';

const ROUTED_LIMIT_MS = 3_000;
const POLL_MS = 10;
const ROUTE_CALL_MS = 1_000;
const WRITE_CALL_MS = 6_000;

const RouteBody = Type.Object({ region: Type.String() });

/** Resolves when nginx sends requests to `target` first. Throws after 3 s. */
export async function routesLeadTo(target: DataRegion, { host, edge }: Topology): Promise<void> {
  const deadlineMs = monotonicMs() + ROUTED_LIMIT_MS;
  for (;;) {
    const { status, body } = await httpCall({
      host,
      port: edge.controlRole,
      path: '/route',
      limitMs: ROUTE_CALL_MS,
    });
    if (status === 200 && Value.Parse(RouteBody, JSON.parse(body)).region === target) return;
    if (monotonicMs() > deadlineMs) throw new Error(`the front door does not lead to ${target}`);
    await sleep(POLL_MS);
  }
}

/** A write as a client makes it, acknowledged when it is committed. Throws when it is refused. */
export async function writeThroughFrontDoor(id: string, { host, edge }: Topology): Promise<void> {
  const { status, body } = await httpCall({
    host,
    port: edge.api,
    path: '/api/write-probes',
    method: 'POST',
    headers: { 'idempotency-key': `validate-${id}`.slice(0, 128) },
    body: { writer: 'switchover', seq: 1 },
    limitMs: WRITE_CALL_MS,
  });
  if (status !== 201) throw new Error(`a write was answered with ${status}: ${body.slice(0, 200)}`);
}
