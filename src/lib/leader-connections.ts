/** A role's connections to the region that leads, opened at its start and closed at its end. */
import { boundedLeader, type Leader } from './bounded-leader.ts';
import { ClusterWatch, READER_POLL_MS } from './cluster.ts';
import { LeaderPool } from './leader-pool.ts';
import type { Lifecycle } from './lifecycle.ts';
import type { Log } from './log.ts';
import type { DataRegion, Topology } from './topology.ts';

export type LeaderConnections = {
  readonly open: (user: string, password: string, maxConnections: number) => Leader;
  /** Whether the region of this process leads, as far as it knows. */
  readonly leads: () => boolean;
};

/** One watch of the cluster record for all pools. Every statement is bounded: see boundedLeader. */
export function leaderConnections(
  region: DataRegion,
  topology: Topology,
  lifecycle: Lifecycle,
  log: Log,
): LeaderConnections {
  const watch = new ClusterWatch({ topology, self: region, pollMs: READER_POLL_MS, log });
  watch.start();
  lifecycle.onClose('cluster watch', () => watch.close());
  const pools: LeaderPool[] = [];
  return {
    open: (user, password, maxConnections) => {
      const applicationName = `${user.replace('tier0_', '').replace('_', '-')}-${region}`;
      const options = { topology, watch, user, password, log, maxConnections, applicationName };
      const pool = new LeaderPool(options);
      pools.push(pool);
      lifecycle.onClose(`leader pool ${user}`, () => pool.close());
      return boundedLeader(pool);
    },
    leads: () => pools[0]?.leader?.region === region,
  };
}
