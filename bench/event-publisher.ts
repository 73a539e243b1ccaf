/**
 * Publishes events of users to the queue as fast as they are confirmed. The client is amqplib, not the product's own: it
 * writes what is published in one turn of the loop at once, and takes half of the processor for it. Where all processors
 * are full, what the generator takes is missing where it is measured.
 */
import { randomUUID } from 'node:crypto';
import { type ConfirmChannel, connect } from 'amqplib';
import { monotonicMs, wallMs } from '../src/lib/clock.ts';
import type { Histogram } from '../src/lib/histogram.ts';
import { RABBITMQ_USER, USER_EVENTS } from '../src/lib/rabbitmq.ts';
import type { SessionEvent } from '../src/lib/user-events.ts';
import { MAX_USERS, userOf } from '../src/lib/users.ts';

/** What became of the messages; ids in the order of their confirms. */
export type Sent = { confirmed: string[]; failed: number; readonly latency: Histogram };
export type Node = { readonly hostname: string; readonly port: number; readonly password: string };

let number = 0;

/** Logins and logouts of 5,000 sessions, in turns. */
function nextEvent(): SessionEvent {
  const no = (number++ % MAX_USERS) + 1;
  const user = userOf(no);
  const now = new Date(wallMs()).toISOString();
  const kind = Math.floor(number / MAX_USERS) % 2 === 0 ? 'login' : 'logout';
  const tail = String(no).padStart(12, '0');
  const { userId: user_id, username, region, siteId: site_id } = user;
  const session = { user_id, username, region, session_id: `bbbbbbbb-0000-0000-0000-${tail}` };
  const event = { kind, timestamp_utc: now, site_id, login_time: now, ip_address: '198.18.0.1' } as const;
  return { message_id: randomUUID(), ...event, ...session };
}

/** Over a connection of its own, with `window` messages under way. A connection that is lost is not made again. */
export async function publishEvents(
  { password, ...node }: Node,
  sent: Sent,
  until: AbortSignal,
  window: number,
): Promise<void> {
  const connection = await connect({ ...node, username: RABBITMQ_USER, password }, { noDelay: true });
  // What was published and is not confirmed then says so itself.
  connection.on('error', () => {});
  try {
    const channel = await connection.createConfirmChannel();
    channel.on('error', () => {});
    await keepPublishing(channel, sent, until, window);
  } finally {
    await connection.close().catch(() => {});
  }
}

/** Resolves when the time is over, or the channel, and everything that was published is confirmed or refused. */
function keepPublishing(
  channel: ConfirmChannel,
  sent: Sent,
  until: AbortSignal,
  window: number,
): Promise<void> {
  const returned = new Set<string>();
  channel.on('return', ({ properties }) => returned.add(String(properties.messageId)));
  return new Promise((resolve) => {
    let open = 0;
    const publish = (): void => {
      const event = nextEvent();
      const { message_id: messageId } = event;
      const beganMs = monotonicMs();
      const properties = { persistent: true, mandatory: true, contentType: 'application/json', messageId };
      open += 1;
      channel.publish('', USER_EVENTS, Buffer.from(JSON.stringify(event)), properties, (error: unknown) => {
        open -= 1;
        const isConfirmed = error === null && !returned.has(messageId);
        if (isConfirmed) {
          sent.confirmed.push(messageId);
          sent.latency.record(monotonicMs() - beganMs);
        } else {
          // Its outcome is unknown; it counts neither way.
          sent.failed += 1;
        }
        if (isConfirmed && !until.aborted) publish();
        else if (open === 0) resolve();
      });
    };
    for (let lane = 0; lane < window; lane++) publish();
  });
}
