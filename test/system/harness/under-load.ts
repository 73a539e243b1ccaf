/** A fault while a publisher sends, and the ledger after it. */
import type { TestContext } from 'node:test';
import { DATA_REGIONS, peerOf } from '../../../src/lib/topology.ts';
import { assertInStandby, assertLedger } from './ledger.ts';
import { Publisher, type PublisherOptions } from './publisher.ts';
import type { System } from './system.ts';

export const RATE_PER_S = 1_000;
const DEVICES = { first: 1, count: 4_000 };

/** A lost region starts its programs, is rewound or copied, and catches up. */
const REJOIN_MS = 60_000;

export type Load = Partial<Pick<PublisherOptions, 'ports' | 'version' | 'ratePerS'>>;

/**
 * Runs `fault` while a publisher sends; readings must be acknowledged before it and after it. Ends with the
 * ledger, on the leader and on the standby.
 */
export async function underLoad(
  system: System,
  t: TestContext,
  options: Load,
  fault: (load: Publisher) => Promise<void>,
  settleMs = 0,
): Promise<void> {
  const load = new Publisher({
    host: system.at.host,
    ports: DATA_REGIONS.map((region) => system.at[region].ingestMqtt),
    version: 5,
    devices: DEVICES,
    ratePerS: RATE_PER_S,
    ...options,
  });
  try {
    await load.start();
    await fault(load);
    await load.moreAcknowledged(RATE_PER_S / 2);
  } finally {
    await load.stop();
  }
  const { leader } = await system.inMode('strict', REJOIN_MS);
  await assertLedger(t, system, load, settleMs);
  await assertInStandby(system, load, peerOf(leader));
}
