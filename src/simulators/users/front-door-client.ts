/** The users' way into the system: HTTP through the front door, over a bounded number of kept connections. */
import { Agent, type IncomingMessage, request as openRequest } from 'node:http';
import { TRUSTED_PROXY_ADDRESS } from '../../lib/front-door.ts';
import type { Answer } from './answers.ts';
import type { Person } from './person.ts';
import type { UserRequest } from './requests.ts';

const MAX_SOCKETS = 256;
/** Shorter than nginx keeps a connection (75 s): it must not close one that is about to be used. */
const FREE_SOCKET_MS = 20_000;
/** A login's answer takes 400 bytes. */
const MAX_BODY_BYTES = 16_384;

export type FrontDoorOptions = {
  readonly host: string;
  readonly port: number;
  /** What a page's path is appended to for the Referer. */
  readonly dashboard: string;
};

export class FrontDoorClient {
  readonly #options: FrontDoorOptions;
  readonly #agent = new Agent({
    keepAlive: true,
    localAddress: TRUSTED_PROXY_ADDRESS,
    maxSockets: MAX_SOCKETS,
    maxFreeSockets: MAX_SOCKETS,
    timeout: FREE_SOCKET_MS,
  });
  #closed = false;

  constructor(options: FrontDoorOptions) {
    this.#options = options;
  }

  /**
   * Sends the request and calls `onEnd` once, when the whole answer is there or cannot come any more. Returns what
   * gives it up: then `onEnd` is not called. There is no deadline here.
   */
  ask(person: Person, request: UserRequest, onEnd: (answer: Answer) => void): () => void {
    const { host, port } = this.#options;
    let over = false;
    const end = (answer: Answer): void => {
      if (over || this.#closed) return;
      over = true;
      onEnd(answer);
    };
    const sent = openRequest(
      {
        host,
        port,
        agent: this.#agent,
        method: request.method,
        path: request.path,
        headers: this.#headers(person, request),
      },
      (response) => receive(response, request.kind === 'login', end),
    );
    sent.on('error', (error) => end({ kind: 'silence', reason: error.message }));
    sent.end(request.body ?? undefined);
    return () => {
      over = true;
      sent.destroy();
    };
  }

  /** Connections to the front door that are open now. */
  get sockets(): number {
    const count = (lists: NodeJS.ReadOnlyDict<readonly unknown[]>): number =>
      Object.values(lists).reduce((sum, list) => sum + (list?.length ?? 0), 0);
    return count(this.#agent.sockets) + count(this.#agent.freeSockets);
  }

  /** Gives everything up that is under way. */
  close(): void {
    this.#closed = true;
    this.#agent.destroy();
  }

  #headers({ address, agent }: Person, request: UserRequest): Record<string, string> {
    const { page, body, idempotencyKey } = request;
    return {
      'x-forwarded-for': address,
      'user-agent': agent,
      accept: 'application/json',
      ...(page === null ? {} : { referer: `${this.#options.dashboard}${page}` }),
      ...(idempotencyKey === null ? {} : { 'idempotency-key': idempotencyKey }),
      ...(body === null
        ? {}
        : { 'content-type': 'application/json', 'content-length': String(Buffer.byteLength(body)) }),
    };
  }
}

/** Only a login's body is looked at; a longer one than it can be is cut, and no session. */
function receive(response: IncomingMessage, keep: boolean, end: (answer: Answer) => void): void {
  let body = '';
  if (keep) {
    response.setEncoding('utf8').on('data', (chunk: string) => {
      if (body.length < MAX_BODY_BYTES) body += chunk;
    });
  } else {
    response.resume();
  }
  response.on('end', () =>
    end({
      kind: 'answer',
      status: response.statusCode ?? 0,
      retryAfterMs: retryAfterMs(response.headers['retry-after']),
      body,
    }),
  );
  response.on('error', (error) => end({ kind: 'silence', reason: `the answer broke off: ${error.message}` }));
}

function retryAfterMs(header: string | undefined): number | null {
  return header !== undefined && /^\d{1,4}$/.test(header) ? Number(header) * 1000 : null;
}
