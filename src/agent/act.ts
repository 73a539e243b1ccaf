/** Carries out what was decided. Every action may be cut short by a crash and decided again: all are repeatable. */
import { wallMs, within } from '../lib/clock.ts';
import { describeError, UnavailableError } from '../lib/errors.ts';
import { holdsWithin } from '../lib/eventually.ts';
import type { Log } from '../lib/log.ts';
import type { Secrets } from '../lib/secrets.ts';
import { type DataRegion, peerOf, type Topology } from '../lib/topology.ts';
import type { Canary } from './canary.ts';
import type { ClusterLink } from './cluster-link.ts';
import type { PostgresServer } from './drivers/postgres-server.ts';
import { PostgresSession } from './drivers/postgres-session.ts';
import type { Observer } from './observer.ts';
import type { OperationMarks } from './operation-marks.ts';
import { prepareDatabase } from './prepare-database.ts';
import type { Action } from './types.ts';

export const FAST_STOP_MS = 20_000;
/**
 * A handover waits this long for the standby to have all that was written, and then goes on all the same: what was
 * acknowledged is in the standby, and what was not is kept aside when this server joins again.
 */
const DRAIN_MS = 250;
const IMMEDIATE_STOP_MS = 2_000;
/** Steps of a promotion take tens of milliseconds; one that takes this long has failed. */
const STEP_MS = 5_000;
const STEP_POLL_MS = 5;
const CHECKPOINT_MS = 3_000;

export type ActParts = {
  readonly self: DataRegion;
  readonly link: ClusterLink;
  readonly server: PostgresServer;
  readonly session: PostgresSession;
  readonly observer: Observer;
  readonly canary: Canary;
  readonly marks: OperationMarks;
  readonly secrets: Secrets;
  readonly topology: Topology;
  readonly log: Log;
};

/** Throws when the action failed or its outcome is unknown; the next observation tells what became of it. */
export async function carryOut(action: Action, parts: ActParts): Promise<void> {
  const { link, server, session, observer, marks, secrets, self, log } = parts;
  switch (action.type) {
    case 'write_record':
      return link.writeRecord(action.revision, marks.stamp(action.record, link.record, wallMs()));
    case 'clear_intent':
      log.info({ id: action.id, outcome: action.outcome }, 'intent answered');
      return link.answerIntent(action.id, action.outcome);
    case 'initialise':
      return server.initialise();
    case 'start_primary':
      return server.startPrimary(action.waitForPeer);
    case 'start_standby':
      return server.startStandby();
    case 'promote':
      return promote(action.epoch, parts);
    case 'clone':
      return clone(parts);
    case 'rejoin':
      return rejoin(parts);
    case 'stop_postgres':
      return stop(parts);
    case 'drain':
      return drain(parts);
    case 'prepare_database':
      await prepareDatabase(session, secrets);
      observer.view.prepared = true;
      return;
    case 'checkpoint':
      return checkpoint(action.intent, parts);
    case 'ensure_slot':
      return session.ensureSlot();
    case 'wait_for_peer':
      server.setWaitFor(peerOf(self));
      observer.view.restartSilence();
      observer.view.settledLsn = await session.settleSyncNames();
      return;
    case 'settle':
      observer.view.settledLsn = await session.settleSyncNames();
      return;
    case 'go_without_peer':
      observer.view.settledLsn = null;
      return server.setWaitFor(null);
    case 'open_gate':
      return server.setGate('open');
    case 'close_gate':
      server.setGate('closed');
      return session.endClientSessions();
    default:
      return action satisfies never;
  }
}

/** Once for an intent: one that takes too long, or fails, only makes the stop longer. */
async function checkpoint(intent: string, { session, observer, log }: ActParts): Promise<void> {
  observer.view.checkpointedFor = intent;
  try {
    await within(CHECKPOINT_MS, 'the checkpoint takes too long', session.checkpoint());
  } catch (error) {
    log.warn({ failure: describeError(error) }, 'no checkpoint before the handover');
  }
}

/** The fence comes first: once nothing is received here, the old leader can acknowledge nothing more. */
async function promote(
  epoch: number,
  { server, session, canary, self, observer, marks }: ActParts,
): Promise<void> {
  server.setFollow(null);
  await until('the WAL receiver has stopped', () => session.receivesNothing());
  marks.note('fenced', wallMs());
  await session.requestPromotion();
  await until('the server has left recovery', async () => !(await session.inRecovery()));
  server.forgetStandby();
  await canary.prove(self, epoch);
  marks.note('promoted', wallMs());
  observer.view.prepared = true;
}

async function stop({ server, session, observer }: ActParts): Promise<void> {
  observer.view.stopsOnPurpose();
  await session.disconnect();
  await server.stop('immediate', IMMEDIATE_STOP_MS);
}

/**
 * Instead of a fast shutdown, which ends forty sessions in turn and makes a checkpoint: 0.7 to 1.1 s under load, while
 * clients wait (docs/results).
 */
async function drain({ server, session, self, marks, log }: ActParts): Promise<void> {
  server.setGate('closed');
  try {
    const drained = await holdsWithin(DRAIN_MS, STEP_POLL_MS, () => session.hasEverything(peerOf(self)));
    if (!drained) log.warn('the standby has not everything that was written');
  } catch (error) {
    log.warn({ failure: describeError(error) }, 'PostgreSQL does not say what the standby has');
  }
  marks.note('drained', wallMs());
}

async function clone(parts: ActParts): Promise<void> {
  await stop(parts);
  await parts.server.clone();
  parts.observer.view.rewindFailed = false;
}

async function rejoin({ server, observer, topology, self, secrets, log }: ActParts): Promise<void> {
  try {
    const leader = new PostgresSession({ topology, self: peerOf(self), secrets });
    const history = await leader.history();
    if (!(await server.hasForked(history))) return server.becomeStandby();
    // pg_rewind reads the new timeline from the leader's last checkpoint (hazard H14).
    await leader.checkpoint();
    const copy = server.archiveFork(history, new Date(wallMs()).toISOString());
    if (copy !== null) log.info({ copy }, 'kept the WAL that the rewind removes');
    await server.rewind(history);
  } catch (error) {
    observer.view.rewindFailed = true;
    throw error;
  }
}

/** Asks again every few milliseconds. Throws UnavailableError when the condition is not met in time. */
async function until(what: string, condition: () => Promise<boolean>): Promise<void> {
  if (await holdsWithin(STEP_MS, STEP_POLL_MS, condition)) return;
  throw new UnavailableError(`not within ${STEP_MS} ms: ${what}`);
}
