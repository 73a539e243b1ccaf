/**
 * Reports that wait for the queue's confirmation, oldest first. Pure. A report keeps its message_id, so one that is
 * sent again after an unknown outcome is stored once.
 */
import type { Activity } from '../../lib/user-events.ts';

/** A report that was not confirmed waits this long: what kept it out needs a moment. */
const AGAIN_MS = 500;
/** Eight minutes without RabbitMQ. */
export const MAX_WAITING = 1_000;
/** Sent and not answered at the same time. */
const WINDOW = 16;

/** `sent`: its answer is awaited. */
type Waiting = { readonly report: Activity; sent: boolean; notBeforeMs: number };

export class ReportQueue {
  /** In the order in which they were offered. */
  readonly #waiting = new Map<string, Waiting>();
  confirmed = 0;
  dropped = 0;

  get waiting(): number {
    return this.#waiting.size;
  }

  /** Returns false when the oldest one had to make room. */
  offer(report: Activity): boolean {
    this.#waiting.set(report.message_id, { report, sent: false, notBeforeMs: 0 });
    if (this.#waiting.size <= MAX_WAITING) return true;
    const [oldest = ''] = this.#waiting.keys();
    this.#waiting.delete(oldest);
    this.dropped++;
    return false;
  }

  /**
   * What is to be sent now; the caller says of each whether it was confirmed. Nothing overtakes a report that has to
   * be sent again.
   */
  take(nowMs: number): Activity[] {
    const reports: Activity[] = [];
    let seen = 0;
    for (const entry of this.#waiting.values()) {
      if (seen++ === WINDOW) break;
      if (entry.sent) continue;
      if (entry.notBeforeMs > nowMs) break;
      entry.sent = true;
      reports.push(entry.report);
    }
    return reports;
  }

  /** False: it was dropped meanwhile. */
  confirm({ message_id }: Activity): boolean {
    if (!this.#waiting.delete(message_id)) return false;
    this.confirmed++;
    return true;
  }

  /** It is not known to be in the queue: it will be sent again, unless it was dropped meanwhile. */
  refuse({ message_id }: Activity, nowMs: number): void {
    const entry = this.#waiting.get(message_id);
    if (entry === undefined) return;
    entry.sent = false;
    entry.notBeforeMs = nowMs + AGAIN_MS;
  }
}
