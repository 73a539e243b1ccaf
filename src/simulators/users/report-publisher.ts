/** Brings the sites' reports into the queue, each until it is confirmed. */
import { monotonicMs } from '../../lib/clock.ts';
import { describeError } from '../../lib/errors.ts';
import type { Log } from '../../lib/log.ts';
import type { Activity } from '../../lib/user-events.ts';
import { ReportQueue } from './report-queue.ts';

/** Rejects, in bounded time, when the report is not known to be in the queue. */
export type Send = (report: Activity) => Promise<void>;

export class ReportPublisher {
  readonly queue = new ReportQueue();
  readonly #send: Send;
  readonly #onConfirmed: (messageId: string) => void;
  readonly #log: Log;
  #refusing = false;
  #dropping = false;

  constructor(send: Send, onConfirmed: (messageId: string) => void, log: Log) {
    this.#send = send;
    this.#onConfirmed = onConfirmed;
    this.#log = log;
  }

  offer(report: Activity): void {
    const fits = this.queue.offer(report);
    if (!fits && !this.#dropping) this.#log.warn('too many reports wait: the oldest are dropped');
    if (fits && this.#dropping) this.#log.warn({ dropped: this.queue.dropped }, 'reports were dropped');
    this.#dropping = !fits;
  }

  /** Sends what is due. To be called now and then; what waits follows by itself once a report is confirmed. */
  pump(): void {
    for (const report of this.queue.take(monotonicMs())) {
      this.#send(report).then(
        () => this.#confirm(report),
        (error: unknown) => this.#refuse(report, error),
      );
    }
  }

  #confirm(report: Activity): void {
    if (this.#refusing) this.#log.info('reports are confirmed again');
    this.#refusing = false;
    if (this.queue.confirm(report)) this.#onConfirmed(report.message_id);
    this.pump();
  }

  /** Says it once: in an outage every attempt says the same. */
  #refuse(report: Activity, error: unknown): void {
    if (!this.#refusing) {
      this.#log.warn({ failure: describeError(error) }, 'a report is not confirmed; it is sent again');
    }
    this.#refusing = true;
    this.queue.refuse(report, monotonicMs());
  }
}
