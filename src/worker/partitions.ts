/** Which partitions of readings to make and which to drop. Pure. */

export type Partition = {
  readonly name: string;
  /** Bounds in Unix ms: [fromMs, toMs). */
  readonly fromMs: number;
  readonly toMs: number;
  /** With indexes. */
  readonly bytes: number;
};

export type PartitionRules = {
  readonly widthMs: number;
  readonly retentionMs: number;
  readonly limitBytes: number;
};

type DropReason = 'retention' | 'storage_limit';
type Drop = { readonly partition: Partition; readonly reason: DropReason };

export type PartitionPlan = {
  /** Moments (Unix ms) whose partitions are missing. */
  readonly create: readonly number[];
  /** The oldest first. */
  readonly drop: readonly Drop[];
};

/** Partitions kept ready beyond the current one, so that ingest never meets a missing one. */
const AHEAD = 2;

export function planPartitions(
  partitions: readonly Partition[],
  rules: PartitionRules,
  nowMs: number,
): PartitionPlan {
  const covers = (moment: number): boolean =>
    partitions.some(({ fromMs, toMs }) => fromMs <= moment && moment < toMs);
  const create: number[] = [];
  for (let ahead = 0; ahead <= AHEAD; ahead++) {
    const moment = nowMs + ahead * rules.widthMs;
    if (!covers(moment)) create.push(moment);
  }
  const drop: Drop[] = [];
  let totalBytes = partitions.reduce((sum, { bytes }) => sum + bytes, 0);
  const past = partitions.filter(({ toMs }) => toMs <= nowMs).sort((a, b) => a.fromMs - b.fromMs);
  for (const partition of past) {
    const expired = partition.toMs <= nowMs - rules.retentionMs;
    if (!expired && totalBytes <= rules.limitBytes) break;
    drop.push({ partition, reason: expired ? 'retention' : 'storage_limit' });
    totalBytes -= partition.bytes;
  }
  return { create, drop };
}
