/** Turns what PostgreSQL says into the agent's view of it, with the durations that decisions need. */
import { monotonicMs } from '../lib/clock.ts';
import { parseLsn } from '../lib/lsn.ts';
import type { PostgresServer } from './drivers/postgres-server.ts';
import type { PostgresSession, ServerFacts } from './drivers/postgres-session.ts';
import type { LocalPostgres } from './types.ts';

export class Observer {
  readonly #server: PostgresServer;
  readonly #session: PostgresSession;
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

  constructor(server: PostgresServer, session: PostgresSession) {
    this.#server = server;
    this.#session = session;
  }

  /**
   * Whether the server lives is looked up every time; what it says of itself is asked again when the last
   * answer is older than `maxAgeMs`.
   */
  async observe(maxAgeMs: number): Promise<LocalPostgres> {
    const presence = this.#server.presence();
    if (presence === 'absent') return { state: 'absent' };
    if (presence === 'stopped') return this.#stopped();
    this.#stoppedSinceMs = 0;
    if (this.#last !== null && monotonicMs() - this.#askedMs < maxAgeMs) return this.#last;
    this.#askedMs = monotonicMs();
    this.#last = await this.#ask();
    return this.#last;
  }

  /** The server is about to be stopped by us: its end is no crash. */
  stopsOnPurpose(): void {
    this.#stoppedOnPurpose = true;
  }

  /** The standby's silence is counted from now. */
  restartSilence(): void {
    this.#acknowledgedMs = monotonicMs();
  }

  async #ask(): Promise<LocalPostgres> {
    let facts: ServerFacts;
    try {
      facts = await this.#session.facts();
    } catch {
      const nowMs = monotonicMs();
      this.#unreachableSinceMs ??= nowMs;
      return { state: 'unreachable', unreachableMs: nowMs - this.#unreachableSinceMs };
    }
    this.#unreachableSinceMs = null;
    this.#ranHere = true;
    this.#stoppedOnPurpose = false;
    return facts.inRecovery ? this.#standby(facts) : this.#primary(facts);
  }

  #stopped(): LocalPostgres {
    this.#last = null;
    this.#unreachableSinceMs = null;
    const nowMs = monotonicMs();
    if (this.#stoppedSinceMs === 0) this.#stoppedSinceMs = nowMs;
    this.prepared = false;
    this.settledLsn = null;
    this.#acknowledgedMs = 0;
    this.#flushLsn = null;
    this.#fedMs = 0;
    return {
      state: 'stopped',
      wasPrimary: this.#server.wasPrimary(),
      crashed: this.#ranHere && !this.#stoppedOnPurpose,
      stoppedMs: nowMs - this.#stoppedSinceMs,
      rewindFailed: this.rewindFailed,
    };
  }

  /** The stream is alive while the leader's messages arrive, whether or not they carry anything new. */
  #standby({ timeline, lsn, feedAgeMs }: ServerFacts): LocalPostgres {
    const nowMs = monotonicMs();
    if (this.#fedMs === 0 || lsn !== this.#receivedLsn) this.#fedMs = nowMs;
    if (feedAgeMs !== null) this.#fedMs = Math.max(this.#fedMs, nowMs - feedAgeMs);
    this.#receivedLsn = lsn;
    return { state: 'standby', timeline, lsn, feedSilentMs: nowMs - this.#fedMs };
  }

  #primary(facts: ServerFacts): LocalPostgres {
    const { standby, lsn } = facts;
    const nowMs = monotonicMs();
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
      gate: this.#server.gate(),
      prepared: this.prepared,
      slotReady: facts.slotReady,
      standby: standby === null ? null : { ...standby, caughtUp },
      standbySilentMs: nowMs - this.#acknowledgedMs,
      checkpointedFor: this.checkpointedFor,
    };
  }
}
