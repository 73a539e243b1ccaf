import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import { test } from 'node:test';
import { UnavailableError } from './errors.ts';
import { EventPublisher } from './event-publisher.ts';
import type { UserEvent } from './user-events.ts';

const event: UserEvent = {
  message_id: '00000000-0000-4000-8000-000000000001',
  timestamp_utc: '2026-11-25T00:00:00Z',
  site_id: 'WY-ALPHA',
  metrics: {
    active_users: 0,
    active_connections: 0,
    server_cpu_pct: 1,
    server_memory_gb: 1,
    average_latency_ms: 0,
  },
  active_users_list: [],
};

test('a message that is returned and confirmed in one packet is not published; the next time it may be', async () => {
  // As rabbitmq-client 5.0.8 does: it emits a return with setImmediate and resolves a confirmation at once.
  let routable = false;
  const emitter = new EventEmitter();
  const send = async (): Promise<void> => {
    if (!routable) setImmediate(() => emitter.emit('basic.return', { messageId: event.message_id }));
  };
  const client = Object.assign(emitter, { send, close: async () => {} });
  const publisher = new EventPublisher({ ready: true, createPublisher: () => client });
  await assert.rejects(publisher.publish(event, 1_000), UnavailableError);
  routable = true;
  await publisher.publish(event, 1_000);
});
