/** The twin of src/agent/observer.ts: a server's state with the durations that decisions need. */

import type { LocalPostgres } from '../src/agent/types.ts';
import { parseLsn } from '../src/lib/lsn.ts';
import type { Postgres } from './postgres.ts';
import type { Process } from './server-state.ts';
import { lsnText } from './wal.ts';
import { type Procedure, TICK_MS, type World } from './world.ts';

const ANSWER_MS = 1_000;
const BYTES_PER_ENTRY = 1_000;

export class Observe {
  readonly #world: World;
  readonly #server: Postgres;
  readonly #clock: () => number;
  prepared = false;
  settledLsn: string | null = null;
  checkpointedFor: string | null = null;
  rewindFailed = false;
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

  constructor(world: World, server: Postgres, clock: () => number) {
    this.#world = world;
    this.#server = server;
    this.#clock = clock;
  }

  *observe(maxAgeMs: number): Procedure<LocalPostgres> {
    if (this.#server.directory === null) return { state: 'absent' };
    if (this.#server.process === null) return this.#stopped(this.#server.directory.standbySignal);
    this.#stoppedSinceMs = 0;
    if (this.#last !== null && this.#clock() - this.#askedMs < maxAgeMs) return this.#last;
    this.#askedMs = this.#clock();
    this.#last = yield* this.#ask();
    return this.#last;
  }

  stopsOnPurpose(): void {
    this.#stoppedOnPurpose = true;
  }

  restartSilence(): void {
    this.#acknowledgedMs = this.#clock();
  }

  *#ask(): Procedure<LocalPostgres> {
    const deadlineMs = this.#clock() + ANSWER_MS;
    while (this.#server.frozen && this.#clock() < deadlineMs) yield TICK_MS;
    const { process } = this.#server;
    if (process === null || process.phase === 'starting' || this.#server.frozen) {
      const nowMs = this.#clock();
      this.#unreachableSinceMs ??= nowMs;
      return { state: 'unreachable', unreachableMs: nowMs - this.#unreachableSinceMs };
    }
    this.#unreachableSinceMs = null;
    this.#ranHere = true;
    this.#stoppedOnPurpose = false;
    return process.phase === 'recovery' ? this.#standby(process) : this.#primary(process);
  }

  #stopped(standbySignal: boolean): LocalPostgres {
    this.#last = null;
    this.#unreachableSinceMs = null;
    const nowMs = this.#clock();
    if (this.#stoppedSinceMs === 0) this.#stoppedSinceMs = nowMs;
    this.prepared = false;
    this.settledLsn = null;
    this.#acknowledgedMs = 0;
    this.#flushLsn = null;
    this.#fedMs = 0;
    return {
      state: 'stopped',
      wasPrimary: !standbySignal,
      crashed: this.#ranHere && !this.#stoppedOnPurpose,
      stoppedMs: nowMs - this.#stoppedSinceMs,
      rewindFailed: this.rewindFailed,
    };
  }

  #standby({ receiver }: Process): LocalPostgres {
    const nowMs = this.#clock();
    const { wal, timeline } = this.#server.disk();
    const lsn = lsnText(wal.lsn);
    if (this.#fedMs === 0 || lsn !== this.#receivedLsn) this.#fedMs = nowMs;
    if (receiver !== null)
      this.#fedMs = Math.max(this.#fedMs, nowMs - (this.#world.nowMs - receiver.heardMs));
    this.#receivedLsn = lsn;
    return {
      state: 'standby',
      timeline: receiver === null ? null : timeline,
      lsn,
      feedSilentMs: nowMs - this.#fedMs,
    };
  }

  #primary({ sender, waits }: Process): LocalPostgres {
    const { wal, timeline, gate, slot } = this.#server.disk();
    const nowMs = this.#clock();
    const flushLsn = sender === null ? null : lsnText(sender.flushedLsn);
    const lagBytes = sender === null ? 0 : (wal.lsn - sender.flushedLsn) * BYTES_PER_ENTRY;
    const acknowledges = sender?.streaming === true && (lagBytes === 0 || flushLsn !== this.#flushLsn);
    if (acknowledges || this.#acknowledgedMs === 0) this.#acknowledgedMs = nowMs;
    this.#flushLsn = flushLsn;
    const caughtUp =
      this.settledLsn !== null && flushLsn !== null && parseLsn(flushLsn) >= parseLsn(this.settledLsn);
    const streaming = sender?.streaming === true;
    return {
      state: 'primary',
      timeline,
      lsn: lsnText(wal.lsn),
      waitsForPeer: waits,
      settled: this.settledLsn !== null,
      gate,
      prepared: this.prepared,
      slotReady: slot,
      standby:
        sender === null ? null : { streaming, sync: streaming && waits, lagBytes, lagMs: null, caughtUp },
      standbySilentMs: nowMs - this.#acknowledgedMs,
      checkpointedFor: this.checkpointedFor,
    };
  }
}
