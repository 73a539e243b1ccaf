/**
 * A Server-Sent Events connection that reconnects by our own rule. The browser's EventSource retries for ever
 * at a fixed pace after a broken connection and never after an HTTP error; neither suits a failover.
 */
import { after, monotonicMs } from '../lib/clock.ts';
import { randomFraction } from '../lib/random.ts';
import { backoffMs } from './backoff.ts';

export type StreamState =
  | { readonly kind: 'connecting'; readonly attempt: number }
  | { readonly kind: 'open' }
  | { readonly kind: 'waiting'; readonly attempt: number; readonly retryAt_ms: number };

export type StreamOptions = {
  readonly url: string;
  /** Called with the event's name and its parsed JSON. */
  readonly onEvent: (name: string, data: unknown) => void;
  readonly events: readonly string[];
  readonly onState: (state: StreamState) => void;
  /** An open stream without any event for this long counts as broken; null for streams that may be silent. */
  readonly silence_ms: number | null;
};

/** A connection that held this long was good: the next failure starts counting from one again. */
const SETTLED_MS = 5000;
/** Longest wait for the response to begin. */
const OPEN_DEADLINE_MS = 10_000;

/** Opens the stream and keeps it open until the returned function is called. */
export function openStream(options: StreamOptions): () => void {
  let attempt = 0;
  let source: EventSource | null = null;
  let cancelTimer = (): void => {};

  const fail = (openedAt_ms: number | null): void => {
    source?.close();
    source = null;
    cancelTimer();
    if (openedAt_ms !== null && monotonicMs() - openedAt_ms > SETTLED_MS) attempt = 0;
    const wait_ms = backoffMs(attempt, randomFraction());
    attempt += 1;
    options.onState({ kind: 'waiting', attempt, retryAt_ms: monotonicMs() + wait_ms });
    cancelTimer = after(wait_ms, connect);
  };

  const connect = (): void => {
    options.onState({ kind: 'connecting', attempt });
    const current = new EventSource(options.url);
    source = current;
    let openedAt_ms: number | null = null;
    const watchSilence = (): void => {
      cancelTimer();
      if (options.silence_ms !== null) cancelTimer = after(options.silence_ms, () => fail(openedAt_ms));
    };
    cancelTimer = after(OPEN_DEADLINE_MS, () => fail(null));
    current.onopen = () => {
      openedAt_ms = monotonicMs();
      options.onState({ kind: 'open' });
      watchSilence();
    };
    current.onerror = () => fail(openedAt_ms);
    for (const name of options.events) {
      current.addEventListener(name, (event: MessageEvent<string>) => {
        watchSilence();
        try {
          options.onEvent(name, JSON.parse(event.data));
        } catch (error) {
          // An event that cannot be read leaves the view unknown: say so in the console and start over.
          reportError(error);
          fail(openedAt_ms);
        }
      });
    }
  };

  connect();
  return () => {
    cancelTimer();
    source?.close();
  };
}
