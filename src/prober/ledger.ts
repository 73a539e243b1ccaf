/** What was observed, by run and minute, until it is stored. Pure. */
import { type Static, Type } from 'typebox';
import { PROBES, ProbeName } from '../lib/availability.ts';

export const SecondRecord = Type.Object({
  /** Of the prober; another one begins where the clock went back. */
  run: Type.String({ minLength: 36, maxLength: 36 }),
  /** The second in which its probes were sent: Unix seconds. */
  at: Type.Integer({ minimum: 0 }),
  good: Type.Integer({ minimum: 0, maximum: PROBES.length }),
  bad: Type.Array(
    Type.Object({
      probe: ProbeName,
      failure: Type.String(),
      took_ms: Type.Integer({ minimum: 0 }),
    }),
  ),
});
export type SecondRecord = Static<typeof SecondRecord>;

export type Minute = {
  readonly run: string;
  /** Unix seconds of its beginning. */
  readonly minute: number;
  readonly observed_s: number;
  readonly bad_s: number;
  readonly good_requests: number;
  readonly bad_requests: number;
  /** Unix seconds of its last second that was observed. */
  readonly last_at: number;
};
export type Failure = { readonly run: string; readonly at: number } & SecondRecord['bad'][number];

const MINUTE_S = 60;
const BATCH_S = 3_600;
const minuteOf = (second: number): number => second - (second % MINUTE_S);

/**
 * Seconds as they are observed. A minute is stored whole, again and again while it grows, so that storing it twice is
 * the same as once.
 */
export class Ledger {
  readonly #records = new Map<string, SecondRecord>();

  /** The same second of the same run twice is one. */
  add(record: SecondRecord): void {
    this.#records.set(`${record.run} ${record.at}`, record);
  }

  get seconds(): number {
    return this.#records.size;
  }

  /** All that is held, in the order of time. */
  records(): SecondRecord[] {
    return [...this.#records.values()].sort((a, b) => a.at - b.at);
  }

  /** The oldest whole minutes, as many as one statement should store: after a day's outage there are thousands. */
  nextBatch(): SecondRecord[] {
    const all = this.records();
    const [first] = all;
    if (first === undefined) return [];
    const end = minuteOf(first.at) + BATCH_S;
    return all.filter(({ at }) => at < end);
  }

  /** Minutes with what was observed of them, and what failed in them; `records` as they were read from here. */
  static sum(records: readonly SecondRecord[]): { minutes: Minute[]; failures: Failure[] } {
    const minutes = new Map<string, Minute>();
    for (const { run, at, good, bad } of records) {
      const minute = minuteOf(at);
      const key = `${run} ${minute}`;
      const before = minutes.get(key);
      minutes.set(key, {
        run,
        minute,
        observed_s: (before?.observed_s ?? 0) + 1,
        bad_s: (before?.bad_s ?? 0) + (bad.length > 0 ? 1 : 0),
        good_requests: (before?.good_requests ?? 0) + good,
        bad_requests: (before?.bad_requests ?? 0) + bad.length,
        last_at: Math.max(before?.last_at ?? 0, at),
      });
    }
    const failures = records.flatMap(({ run, at, bad }) => bad.map((one) => ({ run, at, ...one })));
    return { minutes: [...minutes.values()], failures };
  }

  /**
   * Forgets minutes that are over and were stored as `stored` has them; of the minute that `now` (Unix seconds) is
   * in, and the one before, seconds may still be added.
   */
  settle(stored: readonly SecondRecord[], run: string, now: number): void {
    const open = minuteOf(now) - MINUTE_S;
    for (const record of stored) {
      if (record.run === run && minuteOf(record.at) >= open) continue;
      this.#records.delete(`${record.run} ${record.at}`);
    }
  }
}
