/**
 * The agent's view of its own PostgreSQL: what it says of itself, with the durations that decisions need and what
 * the agent has done to it. No I/O: the simulation has it as production does.
 */
import { parseLsn } from '../lib/lsn.ts';
import type { ServerFacts } from './drivers/postgres-session.ts';
import type { LocalPostgres } from './types.ts';

type Gate = Extract<LocalPostgres, { state: 'primary' }>['gate'];

export class LocalView {
  readonly #nowMs: () => number;
  /** Set by the agent when it did these things to the running server; forgotten when the server stops. */
  prepared = false;
  settledLsn: string | null = null;
  rewindFailed = false;
  checkpointedFor: string | null = null;
  #acknowledgedMs = 0;
  #flushLsn: string | null = null;
  #ranHere = false;
  #stoppedOnPurpose = false;
  #stoppedSinceMs = 0;
  #fedMs = 0;
  #receivedLsn: string | null = null;
  #last: LocalPostgres | null = null;
  #askedMs = 0;
  #unreachableSinceMs: number | null = null;

  /** Milliseconds of a clock that never goes back. */
  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  /** The server is about to be stopped by us: its end is no crash. */
  stopsOnPurpose(): void {
    this.#stoppedOnPurpose = true;
  }

  /** The standby's silence is counted from now. */
  restartSilence(): void {
    this.#acknowledgedMs = this.#nowMs();
  }

  /** The server lives. Its last answer while that is younger than `maxAgeMs`; null when it is to be asked. */
  alive(maxAgeMs: number): LocalPostgres | null {
    this.#stoppedSinceMs = 0;
    if (this.#last !== null && this.#nowMs() - this.#askedMs < maxAgeMs) return this.#last;
    this.#askedMs = this.#nowMs();
    return null;
  }

  /** `facts`: null when it did not answer. The gate is looked at when it is a primary. */
  answered(facts: ServerFacts | null, gate: () => Gate): LocalPostgres {
    this.#last = facts === null ? this.#unreachable() : this.#fromFacts(facts, gate);
    return this.#last;
  }

  stopped(wasPrimary: boolean): LocalPostgres {
    this.#last = null;
    this.#unreachableSinceMs = null;
    const nowMs = this.#nowMs();
    if (this.#stoppedSinceMs === 0) this.#stoppedSinceMs = nowMs;
    this.prepared = false;
    this.settledLsn = null;
    this.#acknowledgedMs = 0;
    this.#flushLsn = null;
    this.#fedMs = 0;
    return {
      state: 'stopped',
      wasPrimary,
      crashed: this.#ranHere && !this.#stoppedOnPurpose,
      stoppedMs: nowMs - this.#stoppedSinceMs,
      rewindFailed: this.rewindFailed,
    };
  }

  #unreachable(): LocalPostgres {
    const nowMs = this.#nowMs();
    this.#unreachableSinceMs ??= nowMs;
    return { state: 'unreachable', unreachableMs: nowMs - this.#unreachableSinceMs };
  }

  #fromFacts(facts: ServerFacts, gate: () => Gate): LocalPostgres {
    this.#unreachableSinceMs = null;
    this.#ranHere = true;
    this.#stoppedOnPurpose = false;
    return facts.inRecovery ? this.#standby(facts) : this.#primary(facts, gate);
  }

  /** The stream is alive while the leader's messages arrive, whether or not they carry anything new. */
  #standby({ timeline, lsn, feedAgeMs }: ServerFacts): LocalPostgres {
    const nowMs = this.#nowMs();
    if (this.#fedMs === 0 || lsn !== this.#receivedLsn) this.#fedMs = nowMs;
    if (feedAgeMs !== null) this.#fedMs = Math.max(this.#fedMs, nowMs - feedAgeMs);
    this.#receivedLsn = lsn;
    return { state: 'standby', timeline, lsn, feedSilentMs: nowMs - this.#fedMs };
  }

  #primary(facts: ServerFacts, gate: () => Gate): LocalPostgres {
    const { standby, lsn } = facts;
    const nowMs = this.#nowMs();
    const progressed = standby?.flushLsn !== this.#flushLsn;
    const acknowledges = standby?.streaming === true && (standby.lagBytes === 0 || progressed);
    if (acknowledges || this.#acknowledgedMs === 0) this.#acknowledgedMs = nowMs;
    this.#flushLsn = standby?.flushLsn ?? null;
    const caughtUp =
      this.settledLsn !== null &&
      typeof standby?.flushLsn === 'string' &&
      parseLsn(standby.flushLsn) >= parseLsn(this.settledLsn);
    return {
      state: 'primary',
      timeline: facts.timeline ?? 0,
      lsn: lsn ?? '0/0',
      waitsForPeer: facts.waitsForPeer,
      settled: this.settledLsn !== null,
      gate: gate(),
      prepared: this.prepared,
      slotReady: facts.slotReady,
      standby: standby === null ? null : { ...standby, caughtUp },
      standbySilentMs: nowMs - this.#acknowledgedMs,
      checkpointedFor: this.checkpointedFor,
    };
  }
}
