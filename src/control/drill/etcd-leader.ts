/** Which member leads etcd now. */
import { etcdEndpoints } from '../../lib/cluster.ts';
import { OperatingError } from '../../lib/errors.ts';
import { Etcd } from '../../lib/etcd.ts';
import { MEMBERS, type Member, type Topology } from '../../lib/topology.ts';

const DEADLINE_MS = 1_000;

/** Throws OperatingError when no member of ours leads. */
export async function etcdLeader(topology: Topology): Promise<Member> {
  const etcd = new Etcd({ endpoints: etcdEndpoints(topology, 'witness'), deadlineMs: DEADLINE_MS });
  try {
    const { leaderId } = await etcd.localStatus();
    const ids = await etcd.memberIds();
    const leader = MEMBERS.find((member) => ids.get(member) === leaderId);
    if (leader !== undefined) return leader;
  } finally {
    etcd.close();
  }
  const message = 'etcd has no leader now';
  throw new OperatingError('unavailable', message, message);
}
