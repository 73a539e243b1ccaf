/** Keeps the Redis master in the region that leads: a write then crosses the regions once, not twice. */
import { pause } from '../lib/clock.ts';
import { describeError } from '../lib/errors.ts';
import type { Log } from '../lib/log.ts';
import type { DataRegion } from '../lib/topology.ts';
import type { SentinelDriver } from './drivers/sentinel.ts';

/** Longer than Sentinel itself needs after the loss of a master, so that we do not interfere. */
const EVERY_MS = 5_000;

export async function keepRedisWithLeader(
  self: DataRegion,
  sentinel: SentinelDriver,
  leads: () => boolean,
  log: Log,
  signal: AbortSignal,
): Promise<void> {
  while (await pause(EVERY_MS, signal)) {
    if (!leads()) continue;
    try {
      if ((await sentinel.master()) === self) continue;
      log.info('asking Sentinel to move the Redis master here');
      await sentinel.moveTo(self);
    } catch (error) {
      log.warn({ failure: describeError(error) }, 'the Redis master stays where it is');
    }
  }
}
