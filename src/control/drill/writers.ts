/**
 * The drill's clients: writes over HTTP through the front door at a steady rate, each sent when it is due
 * whether or not earlier ones were answered, none repeated. What was acknowledged is remembered for the ledger.
 */
import { Agent, request } from 'node:http';
import { after, every, monotonicMs, pause, wallMs } from '../../lib/clock.ts';
import type { DrillRun } from '../../lib/control-schemas.ts';

const TICK_MS = 2;
const TIMEOUT_MS = 15_000;
const SOCKETS_MAX = 1_024;
/** At the bound, writes that are due are not sent: the client would exhaust itself. */
const OUTSTANDING_MAX = 4_000;
/** An answer that took longer was held by a router, or by what it waited for. */
const HELD_MS = 250;
/** Good is answered correctly within this (issue and objective: 5 s). */
const GOOD_MS = 5_000;

export type Write = { readonly seq: number; readonly sentMs: number; readonly ackedMs: number };

export class Writers {
  readonly writer: string;
  readonly counts: DrillRun['requests'] = { sent: 0, acknowledged: 0, failed: 0, held: 0, worst_ms: 0 };
  /** Times are Unix milliseconds with fractions. */
  readonly acknowledged: Write[] = [];
  /** Why the first request failed. */
  failure: string | null = null;
  /** Whole Unix seconds in which a request failed or took too long. */
  readonly badSeconds = new Set<number>();
  readonly #host: string;
  readonly #port: number;
  readonly #agent = new Agent({ keepAlive: true, maxSockets: SOCKETS_MAX });
  readonly #stop = new AbortController();
  readonly #offsetMs = wallMs() - monotonicMs();
  #outstanding = 0;

  constructor(options: { readonly host: string; readonly port: number; readonly writer: string }) {
    this.#host = options.host;
    this.#port = options.port;
    this.writer = options.writer;
  }

  get outstanding(): number {
    return this.#outstanding;
  }

  start(ratePerS: number): void {
    const startedMs = monotonicMs();
    let skipped = 0;
    every(TICK_MS, this.#stop.signal, () => {
      const due = Math.floor(((monotonicMs() - startedMs) * ratePerS) / 1_000) - skipped;
      for (let left = due - this.counts.sent; left > 0; left--) {
        if (this.#outstanding < OUTSTANDING_MAX) this.#send();
        else skipped++;
      }
    });
  }

  /** Sends no more and waits for what is outstanding; false when answers are still owed after `limitMs`. */
  async stop(limitMs: number): Promise<boolean> {
    this.#stop.abort();
    const limit = AbortSignal.timeout(limitMs);
    while (this.#outstanding > 0 && (await pause(10, limit)));
    const done = this.#outstanding === 0;
    this.#agent.destroy();
    return done;
  }

  /** The first write that was sent after `sentMs` and acknowledged after `ackedMs`; null when there is none. */
  firstAfter(sentMs: number, ackedMs: number): Write | null {
    let first: Write | null = null;
    for (const write of this.acknowledged) {
      if (write.sentMs < sentMs || write.ackedMs < ackedMs) continue;
      if (first === null || write.ackedMs < first.ackedMs) first = write;
    }
    return first;
  }

  /** When the last write before `ms` was acknowledged; null when there is none. */
  lastBefore(ms: number): number | null {
    const times = this.acknowledged.map(({ ackedMs }) => ackedMs).filter((ackedMs) => ackedMs < ms);
    return times.length === 0 ? null : times.reduce((a, b) => Math.max(a, b));
  }

  #nowMs(): number {
    return monotonicMs() + this.#offsetMs;
  }

  #send(): void {
    this.counts.sent++;
    const seq = this.counts.sent;
    const sentMs = this.#nowMs();
    const body = JSON.stringify({ writer: this.writer, seq });
    this.#outstanding++;
    let over = false;
    const finish = (failure: string | null): void => {
      if (over) return;
      over = true;
      cancel();
      this.#outstanding--;
      this.#settle(seq, sentMs, failure);
    };
    const sent = request(
      {
        host: this.#host,
        port: this.#port,
        method: 'POST',
        path: '/api/write-probes',
        agent: this.#agent,
        headers: {
          'content-type': 'application/json',
          'content-length': Buffer.byteLength(body),
          'idempotency-key': `${this.writer}-${seq}`,
        },
      },
      (response) => {
        response.resume();
        response.once('end', () =>
          finish(response.statusCode === 201 ? null : `HTTP ${response.statusCode}`),
        );
        response.once('error', (error) => finish(error.message));
      },
    );
    const cancel = after(TIMEOUT_MS, () => {
      finish(`no answer within ${TIMEOUT_MS} ms`);
      sent.destroy();
    });
    sent.once('error', (error) => finish(error.message));
    sent.end(body);
  }

  #settle(seq: number, sentMs: number, failure: string | null): void {
    const ackedMs = this.#nowMs();
    const tookMs = ackedMs - sentMs;
    this.counts.worst_ms = Math.max(this.counts.worst_ms, Math.round(tookMs));
    if (tookMs > HELD_MS) this.counts.held++;
    if (failure !== null || tookMs > GOOD_MS) this.badSeconds.add(Math.floor(sentMs / 1_000));
    if (failure === null) {
      this.counts.acknowledged++;
      this.acknowledged.push({ seq, sentMs, ackedMs });
    } else {
      this.counts.failed++;
      this.failure ??= failure;
    }
  }
}
