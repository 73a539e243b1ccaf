/**
 * The twin of src/agent/act.ts and of the drivers below it. Every yield is a step between two effects on the
 * world: an agent may be killed, or paused, at each of them.
 */

import type { Action } from '../src/agent/types.ts';
import { type DataRegion, peerOf } from '../src/lib/topology.ts';
import type { Etcd } from './etcd.ts';
import type { Link } from './link.ts';
import type { Observe } from './observe.ts';
import { type Postgres, settled } from './postgres.ts';
import { lsnText, NO_KEY } from './wal.ts';
import { type Procedure, StepFailed, TICK_MS, type World } from './world.ts';

const STEP_MS = 5_000;
const SETTLE_MS = 2_000;
const END_STOP_MS = 20_000;
const DRAIN_MS = 250;
const IMMEDIATE_STOP_MS = 2_000;

const CHECKPOINT_MS = 300;

export type Parts = {
  readonly self: DataRegion;
  readonly world: World;
  readonly etcd: Etcd;
  readonly server: Postgres;
  readonly peer: Postgres;
  readonly link: Link;
  readonly observe: Observe;
};

/** What a broken variant may leave out or change in the effects; production is all false. */
export type Sabotage = {
  readonly skipsFence?: boolean;
  readonly ignoresRevision?: boolean;
  readonly initialisesInPlace?: boolean;
};

export function* carryOut(action: Action, parts: Parts, sabotage: Sabotage): Procedure<void> {
  const { world, etcd, server, link, observe } = parts;
  switch (action.type) {
    case 'write_record': {
      const record = Object.freeze({ ...action.record, since: String(world.nowMs) });
      const write = (): void => {
        if (sabotage.ignoresRevision === true) etcd.overwrite(record);
        else etcd.compareAndSet(action.revision, record);
      };
      return yield* link.writeRecord(write);
    }
    case 'clear_intent':
      return yield* link.answerIntent(action.id, action.outcome);
    case 'initialise':
      return yield* initialise(parts, sabotage);
    case 'start_primary':
      yield TICK_MS;
      server.disk().standbySignal = false;
      return yield* start(action.waitForPeer, parts);
    case 'start_standby':
      yield TICK_MS;
      server.disk().standbySignal = true;
      return yield* start(false, parts);
    case 'promote':
      return yield* promote(parts, sabotage);
    case 'clone':
      return yield* clone(parts);
    case 'rejoin':
      return yield* rejoin(parts);
    case 'stop_postgres':
      return yield* stop('immediate', parts);
    case 'drain':
      return yield* drain(parts);
    case 'prepare_database':
      return yield* prepare(parts);
    case 'ensure_slot':
      yield* answering(parts);
      server.disk().slot = true;
      return;
    case 'wait_for_peer':
      server.disk().waits = true;
      server.reload();
      observe.view.restartSilence();
      return yield* settle(parts);
    case 'checkpoint':
      observe.view.checkpointedFor = action.intent;
      yield CHECKPOINT_MS;
      return;
    case 'settle':
      return yield* settle(parts);
    case 'go_without_peer':
      observe.view.settledLsn = null;
      server.disk().waits = false;
      yield TICK_MS;
      return server.reload();
    case 'open_gate':
      server.disk().gate = 'open';
      yield TICK_MS;
      return server.reload();
    case 'close_gate':
      server.disk().gate = 'closed';
      yield TICK_MS;
      server.reload();
      yield* answering(parts);
      return server.endSessions();
    default:
      return action satisfies never;
  }
}

/** Waits for the own server to answer; throws like a query that does not come back. */
function* answering({ world, server }: Parts): Procedure<void> {
  const deadlineMs = world.nowMs + 1_000;
  do {
    yield TICK_MS;
    if (!server.frozen && server.process !== null && server.process.phase !== 'starting') return;
  } while (world.nowMs < deadlineMs && server.process !== null);
  throw new StepFailed('PostgreSQL does not answer');
}

function* until(what: string, parts: Parts, condition: () => boolean): Procedure<void> {
  const deadlineMs = parts.world.nowMs + STEP_MS;
  for (;;) {
    yield* answering(parts);
    if (condition()) return;
    if (parts.world.nowMs > deadlineMs) throw new StepFailed(`not in time: ${what}`);
  }
}

function* initialise({ world, server }: Parts, { initialisesInPlace }: Sabotage): Procedure<void> {
  yield TICK_MS;
  if (initialisesInPlace === true) server.beginCopy();
  yield 100 + world.delayMs(300);
  server.initialise();
  yield TICK_MS;
}

/** conf files with a closed gate, then the process. */
function* start(waits: boolean, { server }: Parts): Procedure<void> {
  yield TICK_MS;
  const directory = server.disk();
  directory.follows = true;
  directory.waits = waits;
  directory.gate = 'closed';
  yield TICK_MS;
  server.spawn();
  yield TICK_MS;
}

function* promote(parts: Parts, sabotage: Sabotage): Procedure<void> {
  const { server, observe } = parts;
  if (sabotage.skipsFence !== true) {
    server.disk().follows = false;
    yield TICK_MS;
    server.reload();
    const receivesNothing = (): boolean =>
      server.process?.receiver === null && server.process.reloadMs === null && !server.process.follows;
    yield* until('the WAL receiver has stopped', parts, receivesNothing);
  }
  yield TICK_MS;
  server.promote();
  yield* until('the server has left recovery', parts, () => server.primary !== null);
  server.disk().standbySignal = false;
  yield* commit(server);
  observe.view.prepared = true;
}

/** A canary that must be committed. */
function* commit(server: Postgres): Procedure<void> {
  const { process } = server;
  const transaction = server.begin(NO_KEY);
  while (transaction.outcome === 'running' && server.process === process) yield TICK_MS;
  if (transaction.outcome !== 'acknowledged') throw new StepFailed('not committed');
}

function* stop(mode: 'fast' | 'immediate', parts: Parts): Procedure<void> {
  const { world, server, observe } = parts;
  observe.view.stopsOnPurpose();
  yield TICK_MS;
  const { process } = server;
  if (process === null) return;
  server.stop(mode);
  const deadlineMs = world.nowMs + (mode === 'fast' ? END_STOP_MS : IMMEDIATE_STOP_MS);
  while (server.process === process && world.nowMs < deadlineMs) yield 2 * TICK_MS;
  if (server.process === process) server.kill();
}

function* drain({ world, server }: Parts): Procedure<void> {
  server.disk().gate = 'closed';
  server.reload();
  const deadlineMs = world.nowMs + DRAIN_MS;
  const hasEverything = (): boolean => (server.process?.sender?.flushedLsn ?? -1) >= server.disk().wal.lsn;
  while (world.nowMs < deadlineMs && !hasEverything()) yield TICK_MS;
}

/** The stop that ends an agent in order. */
export const stopInOrder = (parts: Parts): Procedure<void> => stop('fast', parts);

const serves = ({ world, peer, self }: Parts): boolean =>
  peer.primary !== null &&
  peer.primary.stopping === null &&
  !peer.frozen &&
  world.network.talks(self, peerOf(self));

function* clone(parts: Parts): Procedure<void> {
  const { world, server, peer, observe } = parts;
  yield* stop('immediate', parts);
  server.remove();
  yield TICK_MS;
  server.beginCopy();
  const endsMs = world.nowMs + 200 + world.delayMs(1_000);
  while (world.nowMs < endsMs) {
    yield 5 * TICK_MS;
    if (serves(parts) && peer.directory?.slot === true) continue;
    server.remove();
    throw new StepFailed('cannot copy the peer');
  }
  const source = peer.disk();
  const directory = server.disk();
  directory.wal.follow(source.wal, source.wal.lsn);
  directory.timeline = source.timeline;
  directory.keptFromLsn = source.wal.lsn;
  directory.whole = true;
  yield TICK_MS;
  directory.standbySignal = true;
  observe.view.rewindFailed = false;
}

function* rejoin(parts: Parts): Procedure<void> {
  const { observe } = parts;
  try {
    yield* rewind(parts);
  } catch (error) {
    observe.view.rewindFailed = true;
    throw error;
  }
}

/** Afterwards the server is consistent only once it has replayed what the leader had at that time. */
function* rewind(parts: Parts): Procedure<void> {
  const { world, server, peer } = parts;
  yield 3 * TICK_MS;
  if (!serves(parts) || !server.disk().whole) throw new StepFailed('cannot be rewound');
  const directory = server.disk();
  const source = peer.disk();
  const forkLsn = directory.wal.commonLsn(source.wal);
  if (forkLsn < directory.wal.lsn) {
    directory.whole = false;
    yield 100 + world.delayMs(400);
    if (!serves(parts)) throw new StepFailed('cannot be rewound');
    directory.wal.truncate(forkLsn);
    directory.consistentLsn = source.wal.lsn;
    directory.timeline = source.timeline;
    directory.whole = true;
  }
  yield TICK_MS;
  directory.standbySignal = true;
}

function* prepare(parts: Parts): Procedure<void> {
  yield* answering(parts);
  yield 20 + parts.world.delayMs(100);
  yield* answering(parts);
  if (parts.server.primary === null) throw new StepFailed('not a primary');
  parts.observe.view.prepared = true;
}

function* settle(parts: Parts): Procedure<void> {
  const { world, server, observe } = parts;
  const deadlineMs = world.nowMs + SETTLE_MS;
  for (;;) {
    yield* answering(parts);
    const { process } = server;
    if (process !== null && settled(process)) {
      observe.view.settledLsn = lsnText(server.disk().wal.lsn);
      return;
    }
    if (world.nowMs > deadlineMs) throw new StepFailed('older statements still run');
  }
}
