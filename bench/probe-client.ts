/**
 * A user of our own: reads at every full second and writes a fifth of a second later, when the availability probes do,
 * and counts what failed. At other moments it would meet another edge of an outage than they.
 */
import { GOOD_MS } from '../src/lib/availability.ts';
import { after, pause, wallMs } from '../src/lib/clock.ts';
import { httpCall } from '../src/lib/http-call.ts';

const WRITE_AFTER_MS = 200;

export class ProbeClient {
  readonly #at: { readonly host: string; readonly port: number };
  readonly #stop = new AbortController();
  readonly #open = new Set<Promise<void>>();
  #sending: Promise<void> = Promise.resolve();
  sent = 0;
  /** Not answered well within 5 s. */
  failed = 0;

  /** Where the front door's API is. */
  constructor(at: { readonly host: string; readonly port: number }) {
    this.#at = at;
  }

  start(): void {
    this.#sending = this.#sendEverySecond();
  }

  async #sendEverySecond(): Promise<void> {
    while (await pause(1_000 - (wallMs() % 1_000), this.#stop.signal)) {
      this.#keep(this.#send('/api/devices?limit=1'));
      await new Promise<void>((resolve) => after(WRITE_AFTER_MS, resolve));
      this.#keep(this.#send('/api/write-probes', { writer: 'probe-client', seq: this.sent + 1 }));
    }
  }

  /** Sends no more; resolves when all is answered or failed. */
  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#sending;
    await Promise.all(this.#open);
  }

  #keep(work: Promise<void>): void {
    const kept = work.finally(() => this.#open.delete(kept));
    this.#open.add(kept);
  }

  async #send(path: string, body?: object): Promise<void> {
    this.sent++;
    const sent = body === undefined ? {} : { method: 'POST' as const, body };
    try {
      const { status } = await httpCall({ ...this.#at, path, ...sent, limitMs: GOOD_MS });
      if (status >= 400) this.failed++;
    } catch {
      this.failed++;
    }
  }
}
