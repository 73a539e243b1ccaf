/**
 * Sends every probe once a second and says of each second what became of its probes. A second that nobody looked at,
 * because this process or its machine stood still, is no record at all: it is not good and not bad.
 *
 * What is still starting is no outage, so a probe counts from when it was good for a while, and at the latest some
 * minutes after its first good answer. An observer that takes over from one that has died under the same `up` counts
 * from its first second.
 */
import { randomUUID } from 'node:crypto';
import { GOOD_MS, type ProbeName } from '../lib/availability.ts';
import { after, monotonicMs, pause } from '../lib/clock.ts';
import { describeError } from '../lib/errors.ts';
import type { SecondRecord } from './ledger.ts';
import type { Probe } from './probes.ts';

/** After its first good answer a probe counts, settled or not. */
const SETTLED_LATEST_S = 300;
/** Between the probes of one second, so that they do not measure each other. */
const STAGGER_MS = 200;
/** A turn that comes so late says that this process stood still, and with it the clients it plays. */
const STALL_MS = 1_000;

export type Outcome = {
  readonly probe: ProbeName;
  /** null: good. */
  readonly failure: string | null;
  readonly tookMs: number;
};

export type ObserverOptions = {
  readonly probes: readonly Probe[];
  /** Probes count from the first second on. */
  readonly resumes: boolean;
  /** A probe that was good for so long counts from then on. */
  readonly settleS: number;
  /** The wall clock, Unix milliseconds. */
  readonly now: () => number;
  readonly onOutcome: (outcome: Outcome) => void;
  readonly onSecond: (record: SecondRecord) => void;
  readonly onStall: (seconds: number) => void;
  readonly onClockBack: (seconds: number) => void;
};

export class Observer {
  readonly #options: ObserverOptions;
  readonly #armed: Set<ProbeName>;
  readonly #settling = new Map<ProbeName, { readonly since: number; row: number }>();
  #run = randomUUID() as string;
  #lastSecond = 0;
  #stalls = 0;
  #turnMs = monotonicMs();

  constructor(options: ObserverOptions) {
    this.#options = options;
    this.#armed = new Set(options.resumes ? options.probes.map(({ name }) => name) : []);
  }

  get run(): string {
    return this.#run;
  }

  /** Until the signal; resolves when the last second is known. */
  async observe(signal: AbortSignal): Promise<void> {
    const open = new Set<Promise<void>>();
    this.#turnMs = monotonicMs();
    while (await pause(1_000 - (this.#options.now() % 1_000), signal)) {
      if (this.#lateMs() > STALL_MS) {
        this.#stalls++;
        this.#options.onStall(this.#lateMs() / 1_000);
      }
      this.#turnMs = monotonicMs();
      const second = this.#begin();
      if (second === null) continue;
      const work = this.#second(second, this.#run).finally(() => open.delete(work));
      open.add(work);
    }
    await Promise.all(open);
  }

  #lateMs(): number {
    return monotonicMs() - this.#turnMs - 1_000;
  }

  /** The second that begins now; null when it has begun before, as when a timer fires a little early. */
  #begin(): number | null {
    // A timer may fire a millisecond before the second it was set for.
    const second = Math.floor((this.#options.now() + 10) / 1_000);
    if (second === this.#lastSecond) return null;
    if (second < this.#lastSecond) {
      this.#run = randomUUID();
      this.#options.onClockBack(this.#lastSecond - second);
    }
    this.#lastSecond = second;
    return second;
  }

  async #second(at: number, run: string): Promise<void> {
    const stalls = this.#stalls;
    const outcomes = await Promise.all(
      this.#options.probes.map((probe, index) => this.#probe(probe, index * STAGGER_MS)),
    );
    // What was sent before this process stood still and found bad after it says nothing of the system.
    const blind = this.#stalls !== stalls || this.#lateMs() > STALL_MS;
    const counted = outcomes.filter(
      ({ probe, failure }) => this.#counts(probe, failure === null, at) && !(blind && failure !== null),
    );
    if (counted.length === 0) return;
    for (const outcome of counted) this.#options.onOutcome(outcome);
    this.#options.onSecond({
      run,
      at,
      good: counted.filter(({ failure }) => failure === null).length,
      bad: counted.flatMap(({ probe, failure, tookMs }) =>
        failure === null ? [] : [{ probe, failure, took_ms: Math.round(tookMs) }],
      ),
    });
  }

  #counts(probe: ProbeName, good: boolean, at: number): boolean {
    if (this.#armed.has(probe)) return true;
    // It has not begun to answer.
    if (!good && !this.#settling.has(probe)) return false;
    const settling = this.#settling.get(probe) ?? { since: at, row: 0 };
    settling.row = good ? settling.row + 1 : 0;
    this.#settling.set(probe, settling);
    if (settling.row < this.#options.settleS && at - settling.since < SETTLED_LATEST_S) return false;
    this.#armed.add(probe);
    return true;
  }

  async #probe(probe: Probe, delayMs: number): Promise<Outcome> {
    await new Promise<void>((resolve) => after(delayMs, resolve));
    const startedMs = monotonicMs();
    const took = (): number => monotonicMs() - startedMs;
    try {
      await probe.run();
    } catch (error) {
      return { probe: probe.name, failure: describeError(error), tookMs: took() };
    }
    const tookMs = took();
    const failure = tookMs > GOOD_MS ? `answered after ${GOOD_MS} ms` : null;
    return { probe: probe.name, failure, tookMs };
  }
}
