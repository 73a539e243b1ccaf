/**
 * The queue of user events: quorum queues, which a majority of the three nodes holds, and clients that move on to
 * another node when theirs is lost.
 */
import { createHash } from 'node:crypto';
import { type Channel, Connection } from 'rabbitmq-client';
import type { Log } from './log.ts';
import { outageLog } from './outage-log.ts';
import { MEMBERS, type Member, type Topology } from './topology.ts';

export const RABBITMQ_USER = 'tier0';

/** The name of a member's node in the cluster. */
export const rabbitmqNode = (topology: Topology, member: Member): string => `${member}@${topology.host}`;

export const USER_EVENTS = 'tier0.user-events';
export const DEAD_LETTERS = 'tier0.dead-letters';
/** A message that has brought its consumer down so often is a dead letter. */
const DELIVERY_LIMIT = 5;

const QUORUM = { 'x-queue-type': 'quorum' } as const;
/** https://www.rabbitmq.com/quorum-queues.html; at-least-once needs a queue that refuses instead of dropping. */
const QUEUES = [
  { queue: DEAD_LETTERS, durable: true, arguments: QUORUM },
  {
    queue: USER_EVENTS,
    durable: true,
    arguments: {
      ...QUORUM,
      'x-delivery-limit': DELIVERY_LIMIT,
      'x-dead-letter-exchange': '',
      'x-dead-letter-routing-key': DEAD_LETTERS,
      'x-dead-letter-strategy': 'at-least-once',
      'x-overflow': 'reject-publish',
    },
  },
] as const;

const CONNECT_MS = 2_000;
const ACQUIRE_MS = 5_000;
/** A node that is silent for four halves of this is given up. */
const HEARTBEAT_S = 2;
const RETRY = { retryLow: 100, retryHigh: 1_000 };

export type RabbitmqOptions = {
  readonly topology: Topology;
  /** Its node is asked first. */
  readonly nearest: Member;
  readonly password: string;
  readonly name: string;
  readonly log: Log;
};

/** Connects and reconnects by itself, also before any node runs. */
export function connectRabbitmq({ topology, nearest, password, name, log }: RabbitmqOptions): Connection {
  const order = [nearest, ...MEMBERS.filter((member) => member !== nearest)];
  const connection = new Connection({
    hosts: order.map((member) => `${topology.host}:${topology[member].rabbitmq}`),
    username: RABBITMQ_USER,
    password,
    vhost: '/',
    connectionName: name,
    connectionTimeout: CONNECT_MS,
    acquireTimeout: ACQUIRE_MS,
    heartbeat: HEARTBEAT_S,
    noDelay: true,
    ...RETRY,
  });
  const outages = outageLog('rabbitmq', log);
  connection.on('error', outages.away);
  connection.on('connection', outages.back);
  return connection;
}

/** A message's text, whatever form the client gave its body. */
export function textOf(body: unknown): string {
  if (Buffer.isBuffer(body)) return body.toString();
  return typeof body === 'string' ? body : JSON.stringify(body);
}

/** A message's own id, or one that its text has. */
export function messageIdOf({
  messageId,
  body,
}: {
  readonly messageId?: string;
  readonly body: unknown;
}): string {
  return messageId ?? createHash('sha256').update(textOf(body)).digest('hex').slice(0, 16);
}

/** Whether both queues are there. Throws when no node answers. */
export async function queuesExist(connection: Connection): Promise<boolean> {
  for (const { queue } of QUEUES) {
    const channel = await connection.acquire({ emitErrorsFromChannel: true });
    channel.on('error', () => {});
    try {
      await channel.queueDeclare({ queue, passive: true });
    } catch (error) {
      if (isNotFound(error)) return false;
      throw error;
    } finally {
      await channel.close();
    }
  }
  return true;
}

const isNotFound = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === 'NOT_FOUND';

/**
 * Makes the queues. A quorum queue lives on the nodes that are in the cluster when it is made, so this waits for
 * all of them to be: see src/control/queues.ts.
 */
export async function declareQueues(channel: Channel): Promise<void> {
  for (const { queue, durable, arguments: settings } of QUEUES) {
    await channel.queueDeclare({ queue, durable, arguments: settings });
  }
}
