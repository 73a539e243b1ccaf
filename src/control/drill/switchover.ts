/** Asks for a switchover as an operator does, through the front door. */
import { randomUUID } from 'node:crypto';
import { OperatingError } from '../../lib/errors.ts';
import { httpCall } from '../../lib/http-call.ts';
import type { DataRegion, Topology } from '../../lib/topology.ts';

const LIMIT_MS = 30_000;

/** Throws OperatingError with the reason when it is refused. */
export async function requestSwitchover(target: DataRegion, { host, edge }: Topology): Promise<void> {
  const { status, body } = await httpCall({
    host,
    port: edge.control,
    path: `/failover/${target}`,
    method: 'POST',
    headers: { 'idempotency-key': randomUUID() },
    limitMs: LIMIT_MS,
  });
  if (status === 200) return;
  const message = `the switchover to ${target} was answered with ${status}: ${body.slice(0, 300)}`;
  throw new OperatingError('refused', message, message);
}
