/** Patroni's REST API, as far as the measurement needs it. */
import { Type } from 'typebox';
import { Value } from 'typebox/value';
import { HOST, NODES, type NodeName } from './settings.ts';

const CALL_LIMIT_MS = 3_000;

/** GET /cluster; more fields than these are there. */
const ClusterBody = Type.Object({
  members: Type.Array(Type.Object({ name: Type.String(), role: Type.String(), state: Type.String() })),
});

/** leader: recorded and running; sync: the standby that commits wait for, streaming from it. */
export type ClusterState = { readonly leader: NodeName | null; readonly sync: NodeName | null };

/** Throws when the body is not what Patroni answers. */
export function parseCluster(body: unknown): ClusterState {
  const { members } = Value.Parse(ClusterBody, body);
  const named = (role: string): NodeName | null => {
    const member = members.find((candidate) => candidate.role === role && isRunning(candidate.state));
    return NODES.find((node) => node === member?.name) ?? null;
  };
  return { leader: named('leader'), sync: named('sync_standby') };
}

/** Patroni 3.0.4 and newer call a standby that streams "streaming". */
const isRunning = (state: string): boolean => state === 'running' || state === 'streaming';

/** Throws when the node does not answer. */
export async function clusterState(restPort: number, signal: AbortSignal): Promise<ClusterState> {
  const response = await fetch(`http://${HOST}:${restPort}/cluster`, {
    signal: AbortSignal.any([signal, AbortSignal.timeout(CALL_LIMIT_MS)]),
  });
  const body: unknown = await response.json();
  if (!response.ok) throw new Error(`GET /cluster was answered with ${response.status}`);
  return parseCluster(body);
}

/** Resolves when Patroni calls it done. Throws with its words when it refuses or takes longer than `limitMs`. */
export async function postSwitchover(
  restPort: number,
  leader: NodeName,
  candidate: NodeName,
  limitMs: number,
  signal: AbortSignal,
): Promise<void> {
  const response = await fetch(`http://${HOST}:${restPort}/switchover`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ leader, candidate }),
    signal: AbortSignal.any([signal, AbortSignal.timeout(limitMs)]),
  });
  const text = await response.text();
  if (response.status !== 200) throw new Error(`Patroni answered the switchover: ${response.status} ${text}`);
}
