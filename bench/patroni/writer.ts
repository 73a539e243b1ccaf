/**
 * The client: writes at a steady rate, each due at its time whether or not earlier ones were answered (open
 * loop), over connections that follow the leader. A write that was sent and not answered is never sent again,
 * so a doubled row is the database's doing; one that found no connection waits for the next.
 */
import type pg from 'pg';
import { every, monotonicMs, within } from '../../src/lib/clock.ts';
import { type Due, DueQueue } from './due-queue.ts';
import { clientFor, endQuietly, type Found, findWritable, type Login } from './session.ts';
import type { NodeName } from './settings.ts';

const TICK_MS = 2;
/** Writes that are under way at once; more wait for one of these connections. */
const CONNECTIONS = 4;
/** At the bound, writes that are due are left out: ten minutes of 200/s. */
const WAITING_MAX = 120_000;
const STOP_LIMIT_MS = 15_000;
const BODY = 'x'.repeat(100);
const INSERT = {
  name: 'bench-write',
  text: 'INSERT INTO bench_write (run, seq, body) VALUES ($1, $2, $3)',
} as const;

export type Ack = {
  readonly seq: number;
  readonly dueMs: number;
  readonly ackedMs: number;
  readonly node: NodeName;
  /** When the connections that carried it were found to be the leader's. */
  readonly foundMs: number;
};

/** Times are monotonic milliseconds. */
export class Writer {
  readonly acknowledged: Ack[] = [];
  /** Sent, and the connection failed before the answer: the outcome is unknown. */
  unanswered = 0;
  readonly #login: Login;
  readonly #run: number;
  readonly #perSecond: number;
  readonly #stop = new AbortController();
  readonly #due = new DueQueue(WAITING_MAX);
  #following: Promise<void> = Promise.resolve();

  constructor(login: Login, run: number, perSecond: number) {
    this.#login = login;
    this.#run = run;
    this.#perSecond = perSecond;
  }

  start(): void {
    const startedMs = monotonicMs();
    let seq = 0;
    every(TICK_MS, this.#stop.signal, () => {
      const dueNow = Math.floor(((monotonicMs() - startedMs) * this.#perSecond) / 1_000);
      while (seq < dueNow) {
        seq++;
        this.#due.push({ seq, dueMs: startedMs + (seq * 1_000) / this.#perSecond });
      }
    });
    this.#following = this.#follow();
  }

  /** No further writes are sent; those under way are waited for. */
  async stop(): Promise<void> {
    this.#stop.abort();
    this.#due.release();
    await within(STOP_LIMIT_MS, 'the writer did not stop', this.#following);
  }

  async #follow(): Promise<void> {
    while (!this.#stop.signal.aborted) {
      const found = await findWritable(this.#login, this.#stop.signal);
      if (found !== null) await this.#writeTo(found);
    }
  }

  /** Until the first failure on any of the connections: then all are cut, what they wait for included. */
  async #writeTo({ node, client }: Found): Promise<void> {
    const foundMs = monotonicMs();
    const clients = [client, ...Array.from({ length: CONNECTIONS - 1 }, () => clientFor(this.#login, node))];
    let broken = false;
    const breakAll = (): void => {
      if (broken) return;
      broken = true;
      this.#due.release();
      for (const each of clients) void endQuietly(each);
    };
    const lane = async (connection: pg.Client): Promise<void> => {
      connection.on('end', breakAll);
      try {
        if (connection !== client) await connection.connect();
        while (!broken && !this.#stop.signal.aborted) {
          const due = await this.#due.take();
          if (due === null) continue;
          await this.#send(connection, due);
          this.acknowledged.push({ ...due, ackedMs: monotonicMs(), node, foundMs });
        }
      } catch {
        // A dead connection, or a server that no longer leads: the search for the leader begins again.
        breakAll();
      }
    };
    await Promise.all(clients.map(lane));
    breakAll();
  }

  async #send(connection: pg.Client, due: Due): Promise<void> {
    this.unanswered++;
    await connection.query({ ...INSERT, values: [this.#run, due.seq, BODY] });
    this.unanswered--;
  }
}

/**
 * The first acknowledgement (they stand in the order of their arrival) of a write that fell due after the fault,
 * over connections made after it, from that node if one is named. A server on its way down does not count.
 */
export function firstAckAfter(acks: readonly Ack[], faultMs: number, by: NodeName | null): Ack | null {
  return (
    acks.find(
      ({ dueMs, foundMs, node }) => dueMs >= faultMs && foundMs >= faultMs && (by === null || node === by),
    ) ?? null
  );
}
