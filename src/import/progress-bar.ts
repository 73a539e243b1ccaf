/** One line on a terminal that is written over; on anything else nothing is shown. */
import type { WriteStream } from 'node:tty';
import { monotonicMs } from '../lib/clock.ts';

const EVERY_MS = 100;
const WIDTH = 30;

export class ProgressBar {
  readonly #out: WriteStream;
  readonly #label: string;
  readonly #unit: string;
  readonly #startedMs = monotonicMs();
  #shownMs = Number.NEGATIVE_INFINITY;

  constructor(out: WriteStream, label: string, unit: string) {
    this.#out = out;
    this.#label = label;
    this.#unit = unit;
  }

  show(done: number, total: number, units: number): void {
    const nowMs = monotonicMs();
    if (!this.#out.isTTY || nowMs - this.#shownMs < EVERY_MS) return;
    this.#shownMs = nowMs;
    const share = total === 0 ? 1 : Math.min(1, done / total);
    const filled = Math.round(share * WIDTH);
    const rate = Math.round(units / Math.max(0.1, (nowMs - this.#startedMs) / 1_000));
    const bar = `${'█'.repeat(filled)}${'░'.repeat(WIDTH - filled)}`;
    this.#out.write(
      `\r\u001b[K${this.#label} ${bar} ${Math.floor(share * 100)} %, ${units} ${this.#unit}, ${rate} a second`,
    );
  }

  /** Removes the line. */
  end(): void {
    if (this.#out.isTTY && this.#shownMs > 0) this.#out.write('\r\u001b[K');
  }
}
