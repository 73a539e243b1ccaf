/** The witness has no data: it votes in etcd, shows that it lives, and prefers to be etcd's leader (hazard H8). */
import { pause, wallMs } from '../lib/clock.ts';
import { type Heartbeat, heartbeatKey } from '../lib/cluster.ts';
import { describeError } from '../lib/errors.ts';
import type { Etcd } from '../lib/etcd.ts';
import type { Log } from '../lib/log.ts';
import type { Member } from '../lib/topology.ts';
import type { RegionFacts } from './region-facts.ts';

/** No decision waits for the witness's heartbeat; it is there to be looked at. */
const HEARTBEAT_MS = 1_000;
const LEADERSHIP_CHECK_MS = 5_000;

export async function runWitness(
  etcd: Etcd,
  facts: RegionFacts,
  log: Log,
  signal: AbortSignal,
): Promise<void> {
  let failing = false;
  let seq = 0;
  do {
    const heartbeat: Heartbeat = {
      region: 'witness',
      seq: seq++,
      sentAt: new Date(wallMs()).toISOString(),
      postgres: null,
      replication: null,
      canaryMs: null,
      canarySilentMs: null,
      doing: null,
      redis: null,
      processes: facts.processes,
    };
    try {
      await etcd.put(heartbeatKey('witness'), JSON.stringify(heartbeat));
      failing = false;
    } catch (error) {
      if (!failing) log.warn({ failure: describeError(error) }, 'heartbeat not written');
      failing = true;
    }
  } while (await pause(HEARTBEAT_MS, signal));
}

/**
 * Runs beside every data region's agent: when this region's etcd member leads, it hands over to the witness,
 * so that losing a data region costs no etcd election.
 */
export async function preferWitnessAsEtcdLeader(
  self: Member,
  etcd: Etcd,
  log: Log,
  signal: AbortSignal,
): Promise<void> {
  while (await pause(LEADERSHIP_CHECK_MS, signal)) {
    try {
      const { memberId, leaderId } = await etcd.localStatus();
      const witness = (await etcd.memberIds()).get('witness');
      if (memberId !== leaderId || witness === undefined || witness === memberId) continue;
      await etcd.transferLeadership(witness);
      log.info({ from: self }, 'etcd leadership handed to the witness');
    } catch (error) {
      log.debug({ failure: describeError(error) }, 'etcd leadership not checked');
    }
  }
}
