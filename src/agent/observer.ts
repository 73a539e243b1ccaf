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
  #acknowledgedMs = 0;
  #flushLsn: string | null = null;

  constructor(server: PostgresServer, session: PostgresSession) {
    this.#server = server;
    this.#session = session;
  }

  async observe(): Promise<LocalPostgres> {
    const presence = this.#server.presence();
    if (presence !== 'alive') {
      this.#forget();
      return presence === 'absent'
        ? { state: 'absent' }
        : { state: 'stopped', wasPrimary: this.#server.wasPrimary() };
    }
    let facts: ServerFacts;
    try {
      facts = await this.#session.facts();
    } catch {
      return { state: 'unreachable' };
    }
    if (facts.inRecovery) return { state: 'standby', timeline: facts.timeline, lsn: facts.lsn };
    return this.#primary(facts);
  }

  /** The standby's silence is counted from now. */
  restartSilence(): void {
    this.#acknowledgedMs = monotonicMs();
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
      standby:
        standby === null
          ? null
          : {
              streaming: standby.streaming,
              sync: standby.sync,
              lagBytes: standby.lagBytes,
              lagMs: standby.lagMs,
              caughtUp,
            },
      standbySilentMs: nowMs - this.#acknowledgedMs,
    };
  }

  #forget(): void {
    this.prepared = false;
    this.settledLsn = null;
    this.#acknowledgedMs = 0;
    this.#flushLsn = null;
  }
}
