/** One lifecycle: start, register what must be closed, close in reverse order under one deadline. */
import { after } from './clock.ts';
import type { Log } from './log.ts';

type Closer = { readonly name: string; readonly close: () => Promise<void> | void };

export class Lifecycle {
  readonly #controller = new AbortController();
  readonly #closers: Closer[] = [];
  readonly #log: Log;
  #closing: Promise<void> | undefined;

  constructor(log: Log) {
    this.#log = log;
  }

  /** Aborts when closing begins: loops and requests started by the role stop at it. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  onClose(name: string, close: () => Promise<void> | void): void {
    this.#closers.push({ name, close });
  }

  /** Closes everything in reverse order; a closer that throws is logged and does not stop the others. */
  close(reason: string, deadlineMs = 10_000): Promise<void> {
    this.#closing ??= this.#closeAll(reason, deadlineMs);
    return this.#closing;
  }

  async #closeAll(reason: string, deadlineMs: number): Promise<void> {
    this.#log.info({ reason }, 'closing');
    const cancel = after(deadlineMs, () => {
      this.#log.error({ deadlineMs }, 'closing took too long');
      process.exit(1);
    });
    this.#controller.abort(new Error(`closing: ${reason}`));
    for (const { name, close } of this.#closers.reverse()) {
      try {
        await close();
      } catch (error) {
        this.#log.error({ err: error, part: name }, 'could not close');
      }
    }
    cancel();
  }
}
