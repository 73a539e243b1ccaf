/** The WAL stream from one server to the other: connect, send, flush, acknowledge, break, time out. */
import { type Postgres, SENDER_TIMEOUT_MS } from './postgres.ts';
import type { Process } from './server-state.ts';
import type { World } from './world.ts';

const RETRY_MS = 200;
const KEEPALIVE_MS = 2_500;

/** One tick of the stream from `from` to `to`, if there is one or can be one. */
export function replicate(world: World, from: Postgres, to: Postgres): void {
  const { process } = to;
  if (process !== null && !to.frozen) runReceiver(world, from, to, process);
  const primary = from.primary;
  if (primary?.sender != null && !from.frozen) runSender(world, from, to, primary);
}

function runReceiver(world: World, from: Postgres, to: Postgres, process: Process): void {
  const { directory } = to;
  const receives =
    process.follows &&
    process.phase !== 'primary' &&
    process.stopping === null &&
    directory?.standbySignal === true &&
    world.nowMs >= process.readyMs;
  if (!receives) {
    process.receiver = null;
    return;
  }
  if (process.receiver === null) {
    connect(world, from, to, process);
    return;
  }
  const { receiver } = process;
  if (from.process === receiver.from) receive(world, from, to, receiver);
  // A reset arrives when the other end's kernel can be heard; silence is given up after a while.
  const reset = from.process !== receiver.from || receiver.from.sender !== receiver.sender;
  const gone = reset && world.network.reaches(from.region, to.region);
  if (gone || world.nowMs - receiver.heardMs > SENDER_TIMEOUT_MS) process.receiver = null;
}

/** Needs a primary with this standby's slot, with its history, and with the WAL that it lacks. */
function connect(world: World, from: Postgres, to: Postgres, process: Process): void {
  if (process.promotion !== null || world.nowMs < process.retryMs) return;
  process.retryMs = world.nowMs + RETRY_MS;
  const source = from.primary;
  if (source === null || source.stopping !== null || from.frozen || from.directory === null) return;
  if (!world.network.talks(from.region, to.region)) return;
  const { wal } = to.disk();
  const { slot, keptFromLsn, wal: sourceWal } = from.directory;
  if (!slot || wal.lsn < keptFromLsn || wal.commonLsn(sourceWal) < wal.lsn) return;
  const { nowMs } = world;
  const sender = {
    streaming: false,
    catchUpLsn: sourceWal.lsn,
    sentLsn: wal.lsn,
    flushedLsn: wal.lsn,
    heardMs: nowMs,
    spokenMs: nowMs,
    toStandby: [],
    toPrimary: [],
  };
  source.sender = sender;
  process.receiver = { from: source, sender, heardMs: nowMs };
}

function receive(
  world: World,
  from: Postgres,
  to: Postgres,
  receiver: NonNullable<Process['receiver']>,
): void {
  const { toStandby, toPrimary } = receiver.sender;
  if (!world.network.reaches(from.region, to.region) || from.directory === null) return;
  while (toStandby[0] !== undefined && toStandby[0].arrivesMs <= world.nowMs) {
    const { lsn } = toStandby.shift() ?? { lsn: 0 };
    receiver.heardMs = world.nowMs;
    to.disk().wal.follow(from.directory.wal, lsn);
    toPrimary.push({ arrivesMs: world.nowMs + world.walDelayMs, flushedLsn: to.disk().wal.lsn });
  }
}

function runSender(world: World, from: Postgres, to: Postgres, primary: Process): void {
  const { sender } = primary;
  if (sender === null) return;
  const { nowMs } = world;
  const { lsn } = from.disk().wal;
  if (lsn > sender.sentLsn || nowMs - sender.spokenMs >= KEEPALIVE_MS) {
    sender.toStandby.push({ arrivesMs: nowMs + world.walDelayMs, lsn });
    sender.sentLsn = lsn;
    sender.spokenMs = nowMs;
  }
  hear(world, from, to, sender);
  if (sender.flushedLsn >= sender.catchUpLsn) sender.streaming = true;
  // What the standby said before it hung up still arrives.
  const hungUp = to.process?.receiver?.sender !== sender && sender.toPrimary.length === 0;
  const closed = hungUp && !to.frozen && world.network.reaches(to.region, from.region);
  if (closed || nowMs - sender.heardMs > SENDER_TIMEOUT_MS) primary.sender = null;
}

function hear(world: World, from: Postgres, to: Postgres, sender: NonNullable<Process['sender']>): void {
  if (!world.network.reaches(to.region, from.region)) return;
  while (sender.toPrimary[0] !== undefined && sender.toPrimary[0].arrivesMs <= world.nowMs) {
    sender.flushedLsn = sender.toPrimary.shift()?.flushedLsn ?? sender.flushedLsn;
    sender.heardMs = world.nowMs;
  }
}
