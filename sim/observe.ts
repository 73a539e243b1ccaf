/** The modelled PostgreSQL as an agent asks it; what decisions need of it is production's `LocalView`. */
import type { ServerFacts } from '../src/agent/drivers/postgres-session.ts';
import { LocalView } from '../src/agent/local-view.ts';
import type { LocalPostgres } from '../src/agent/types.ts';
import type { Postgres } from './postgres.ts';
import type { Process } from './server-state.ts';
import { lsnText } from './wal.ts';
import { type Procedure, TICK_MS, type World } from './world.ts';

const ANSWER_MS = 1_000;
const BYTES_PER_ENTRY = 1_000;

export class Observe {
  readonly view: LocalView;
  readonly #world: World;
  readonly #server: Postgres;
  readonly #clock: () => number;

  constructor(world: World, server: Postgres, clock: () => number) {
    this.view = new LocalView(clock);
    this.#world = world;
    this.#server = server;
    this.#clock = clock;
  }

  *observe(maxAgeMs: number): Procedure<LocalPostgres> {
    if (this.#server.directory === null) return { state: 'absent' };
    if (this.#server.process === null) return this.view.stopped(!this.#server.directory.standbySignal);
    const recent = this.view.alive(maxAgeMs);
    if (recent !== null) return recent;
    const deadlineMs = this.#clock() + ANSWER_MS;
    while (this.#server.frozen && this.#clock() < deadlineMs) yield TICK_MS;
    const { process } = this.#server;
    const answers = process !== null && process.phase !== 'starting' && !this.#server.frozen;
    return this.view.answered(answers ? this.#facts(process) : null, () => this.#server.disk().gate);
  }

  #facts({ phase, receiver, sender, waits }: Process): ServerFacts {
    const { wal, timeline, slot } = this.#server.disk();
    const inRecovery = phase === 'recovery';
    const streaming = sender?.streaming === true;
    return {
      inRecovery,
      timeline: inRecovery && receiver === null ? null : timeline,
      lsn: lsnText(wal.lsn),
      feedAgeMs: receiver === null ? null : this.#world.nowMs - receiver.heardMs,
      waitsForPeer: waits,
      slotReady: slot,
      standby:
        sender === null
          ? null
          : {
              streaming,
              sync: streaming && waits,
              flushLsn: lsnText(sender.flushedLsn),
              lagBytes: (wal.lsn - sender.flushedLsn) * BYTES_PER_ENTRY,
              lagMs: null,
            },
    };
  }
}
