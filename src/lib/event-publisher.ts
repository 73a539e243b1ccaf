/** Publishes user events, and what became of them: a message counts once a majority of RabbitMQ's nodes has it. */
import type { Connection, Envelope, MessageBody, Publisher } from 'rabbitmq-client';
import { within } from './clock.ts';
import { UnavailableError } from './errors.ts';
import { USER_EVENTS } from './rabbitmq.ts';
import type { UserEvent } from './user-events.ts';

export type SendOptions = Pick<Envelope, 'contentType' | 'headers'> & {
  readonly messageId: string;
  readonly limitMs: number;
};

export class EventPublisher {
  readonly #connection: Pick<Connection, 'ready'>;
  readonly #publisher: Publisher;
  /** Messages that no queue took. */
  readonly #returned = new Set<string>();

  constructor(connection: Pick<Connection, 'ready' | 'createPublisher'>) {
    this.#connection = connection;
    this.#publisher = connection.createPublisher({ confirm: true });
    this.#publisher.on('basic.return', ({ messageId }) => {
      if (messageId !== undefined) this.#returned.add(messageId);
    });
  }

  /** Whether it is worth trying now. */
  get connected(): boolean {
    return this.#connection.ready;
  }

  /** As `send`, for an event. */
  publish(event: UserEvent, limitMs: number): Promise<void> {
    return this.send(USER_EVENTS, event, { messageId: event.message_id, limitMs });
  }

  /**
   * Resolves once a majority has the message. Throws UnavailableError after `limitMs`, or when there is no queue or
   * no connection; then the message may be there all the same, and may be sent again under its id.
   */
  async send(
    queue: string,
    body: MessageBody,
    { messageId, limitMs, ...properties }: SendOptions,
  ): Promise<void> {
    this.#returned.delete(messageId);
    const envelope = { ...properties, routingKey: queue, durable: true, mandatory: true, messageId };
    try {
      await within(limitMs, 'the queue does not confirm', this.#publisher.send(envelope, body));
    } catch (error) {
      throw new UnavailableError('the message is not confirmed by the queue', 1, error);
    }
    // RabbitMQ returns a message before it confirms it, but the client tells us the return one turn of the loop later.
    await new Promise((resolve) => setImmediate(resolve));
    if (this.#returned.delete(messageId)) throw new UnavailableError('the queue is not there yet');
  }
}
