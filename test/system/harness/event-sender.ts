/** Sends user events to the queue as a careful producer does: again, under the same id, until one is confirmed. */
import { randomUUID } from 'node:crypto';
import { pino } from 'pino';
import type { Connection } from 'rabbitmq-client';
import { pause, sleep, wallMs } from '../../../src/lib/clock.ts';
import { EventPublisher } from '../../../src/lib/event-publisher.ts';
import { connectRabbitmq } from '../../../src/lib/rabbitmq.ts';
import { readSecrets } from '../../../src/lib/secrets.ts';
import type { Member } from '../../../src/lib/topology.ts';
import type { SessionEvent } from '../../../src/lib/user-events.ts';
import { userOf } from '../../../src/lib/users.ts';
import type { System } from './system.ts';

const CONFIRM_MS = 3_000;
const AT_ONCE = 50;

export function queueOf(system: System, nearest: Member = 'region1'): Connection {
  return connectRabbitmq({
    topology: system.at,
    nearest,
    password: readSecrets(system.dataDir).rabbitmq.password,
    name: 'test',
    log: pino({ level: 'silent' }),
  });
}

export function loginEvent(no = 1): SessionEvent {
  const user = userOf(no);
  const now = new Date(wallMs()).toISOString();
  return {
    message_id: randomUUID(),
    timestamp_utc: now,
    site_id: user.siteId,
    kind: 'login',
    user_id: user.userId,
    username: user.username,
    session_id: randomUUID(),
    login_time: now,
    ip_address: '198.18.0.1',
    region: user.region,
  };
}

export class EventSender {
  readonly confirmed: string[] = [];
  readonly #connection: Connection;
  readonly #publisher: EventPublisher;
  readonly #stop = new AbortController();
  readonly #senders: Promise<void>[];
  /** Attempts that were told to be without a confirm. */
  refused = 0;

  constructor(system: System, nearest: Member) {
    this.#connection = queueOf(system, nearest);
    this.#publisher = new EventPublisher(this.#connection);
    this.#senders = Array.from({ length: AT_ONCE }, (_, no) => this.#send(no + 1));
  }

  /** Resolves once every event that was begun is confirmed. */
  async stop(): Promise<void> {
    this.#stop.abort();
    await Promise.all(this.#senders);
    this.#connection.unsafeDestroy();
  }

  async #send(no: number): Promise<void> {
    while (await pause(20, this.#stop.signal)) {
      const event = loginEvent(no);
      while (!(await this.#isConfirmed(event))) await sleep(100);
      this.confirmed.push(event.message_id);
    }
  }

  async #isConfirmed(event: SessionEvent): Promise<boolean> {
    try {
      await this.#publisher.publish(event, CONFIRM_MS);
      return true;
    } catch {
      // Counted: that a sender is told is what a test looks for.
      this.refused += 1;
      return false;
    }
  }
}
