/** Server-Sent Events: a bounded set of clients, each dropped when it cannot keep up. */
import type { FastifyReply } from 'fastify';
import { every } from './clock.ts';
import { UnavailableError } from './errors.ts';

const KEEP_ALIVE_MS = 15_000;
/** A client that has this much unread is too slow for a live view. */
const MAX_UNREAD_BYTES = 4 * 1024 * 1024;

/** One event in wire form; made once for all clients that get the same. */
export function frame(event: string, data: unknown): string {
  return `event: ${event}\ndata: ${JSON.stringify(data)}\n\n`;
}

export class SseClient {
  readonly #reply: FastifyReply;
  readonly #onDrop: () => void;
  readonly #closed = new AbortController();

  constructor(reply: FastifyReply, onDrop: () => void) {
    this.#reply = reply;
    this.#onDrop = onDrop;
    reply.raw.on('close', () => this.#closed.abort());
  }

  /** Aborts when the client is gone. */
  get closed(): AbortSignal {
    return this.#closed.signal;
  }

  send(text: string): void {
    const { raw } = this.#reply;
    if (raw.destroyed || raw.writableEnded) return;
    raw.write(text);
    if (raw.writableLength > MAX_UNREAD_BYTES) {
      this.#onDrop();
      raw.destroy();
    }
  }

  end(): void {
    this.#reply.raw.end();
  }
}

export class SseClients {
  readonly #clients = new Set<SseClient>();
  readonly #max: number;
  readonly #stop = new AbortController();
  #dropped = 0;

  constructor(max: number) {
    this.#max = max;
    every(KEEP_ALIVE_MS, this.#stop.signal, () => {
      for (const client of this.#clients) client.send(': keep-alive\n\n');
    });
  }

  get count(): number {
    return this.#clients.size;
  }
  /** Clients dropped because they were too slow. */
  get dropped(): number {
    return this.#dropped;
  }

  /** Takes the reply over as an event stream. Throws UnavailableError when there are too many already. */
  open(reply: FastifyReply): SseClient {
    if (this.#clients.size >= this.#max || this.#stop.signal.aborted) {
      throw new UnavailableError(`${this.#clients.size} of ${this.#max} streams are open`, 5);
    }
    reply.hijack();
    reply.raw.writeHead(200, {
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-cache, no-transform',
      connection: 'keep-alive',
      // nginx would collect the events into its buffers.
      'x-accel-buffering': 'no',
    });
    const client = new SseClient(reply, () => {
      this.#dropped += 1;
    });
    this.#clients.add(client);
    client.closed.addEventListener('abort', () => this.#clients.delete(client), { once: true });
    client.send('retry: 1000\n\n');
    return client;
  }

  close(): void {
    this.#stop.abort();
    for (const client of this.#clients) client.end();
  }
}
