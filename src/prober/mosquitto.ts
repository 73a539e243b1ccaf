/**
 * Mosquitto has no metrics of its own: it publishes figures under $SYS, which are read here as any client reads them
 * and told to Prometheus (mosquitto(8), "Broker Status").
 */
import { connect, type Socket } from 'node:net';
import { generate, parser } from 'mqtt-packet';
import { after, monotonicMs, pause } from '../lib/clock.ts';
import { counterOf, gaugeOf, Registry } from '../lib/metrics.ts';

const TOPICS: Readonly<Record<string, { kind: 'gauge' | 'counter'; name: string; help: string }>> = {
  '$SYS/broker/clients/connected': {
    kind: 'gauge',
    name: 'mosquitto_clients_connected',
    help: 'Clients with a connection',
  },
  '$SYS/broker/messages/received': {
    kind: 'counter',
    name: 'mosquitto_messages_received_total',
    help: 'MQTT packets received',
  },
  '$SYS/broker/messages/sent': {
    kind: 'counter',
    name: 'mosquitto_messages_sent_total',
    help: 'MQTT packets sent',
  },
  '$SYS/broker/publish/messages/dropped': {
    kind: 'counter',
    name: 'mosquitto_publish_messages_dropped_total',
    help: 'Publications dropped because a queue was full',
  },
  '$SYS/broker/store/messages/count': {
    kind: 'gauge',
    name: 'mosquitto_store_messages',
    help: 'Messages kept: what waits for the regions, and retained ones',
  },
  '$SYS/broker/uptime': { kind: 'gauge', name: 'mosquitto_uptime_seconds', help: 'Since it was started' },
};
const RECONNECT_MS = 1_000;
/** It publishes every 10 s (sys_interval); it is down when it has not for so long. */
const SILENCE_MS = 22_000;
const PING_MS = 10_000;
const ANSWER_MS = 3_000;

export class MosquittoWatch {
  readonly #at: { readonly host: string; readonly port: number };
  readonly #values = new Map<string, number>();
  readonly registry = new Registry();
  #heardMs = Number.NEGATIVE_INFINITY;

  constructor(at: { readonly host: string; readonly port: number }) {
    this.#at = at;
    for (const [topic, { kind, name, help }] of Object.entries(TOPICS)) {
      const read = (): number | null => this.#values.get(topic) ?? null;
      if (kind === 'gauge') gaugeOf(this.registry, name, help, read);
      else counterOf(this.registry, name, help, () => read() ?? 0);
    }
  }

  /** False while Mosquitto cannot be reached, and when it accepts connections and says nothing. */
  get up(): boolean {
    return monotonicMs() - this.#heardMs < SILENCE_MS;
  }

  async run(signal: AbortSignal): Promise<void> {
    do await this.#session(signal);
    while (await pause(RECONNECT_MS, signal));
  }

  /** One connection, until it ends. A ping that is not answered ends it: a broker that hangs keeps its sockets. */
  #session(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const socket = connect({ ...this.#at, noDelay: true });
      const packets = parser();
      let cancel = after(ANSWER_MS, () => socket.destroy());
      const ping = (): void => {
        socket.write(generate({ cmd: 'pingreq' }));
        cancel = after(ANSWER_MS, () => socket.destroy());
      };
      packets.on('packet', (packet) => {
        if (packet.cmd === 'connack') subscribe(socket);
        if (packet.cmd === 'connack' || packet.cmd === 'pingresp') {
          cancel();
          cancel = after(PING_MS, ping);
        }
        if (packet.cmd === 'publish') this.#take(packet.topic, String(packet.payload));
      });
      packets.on('error', () => socket.destroy());
      const stop = (): void => void socket.destroy();
      signal.addEventListener('abort', stop, { once: true });
      socket.on('data', (chunk) => packets.parse(chunk));
      // 'close' follows, and the next attempt says whether it is back.
      socket.on('error', () => socket.destroy());
      socket.once('close', () => {
        cancel();
        signal.removeEventListener('abort', stop);
        this.#heardMs = Number.NEGATIVE_INFINITY;
        resolve();
      });
      const session = { protocolId: 'MQTT', protocolVersion: 4, clean: true, keepalive: 30 } as const;
      socket.write(generate({ cmd: 'connect', ...session, clientId: 'prober-sys' }));
    });
  }

  #take(topic: string, text: string): void {
    // Uptime comes as "123 seconds".
    const value = Number.parseFloat(text);
    if (Number.isNaN(value)) return;
    this.#heardMs = monotonicMs();
    this.#values.set(topic, value);
  }
}

function subscribe(socket: Socket): void {
  const subscriptions = Object.keys(TOPICS).map((topic) => ({ topic, qos: 0 as const }));
  socket.write(generate({ cmd: 'subscribe', messageId: 1, subscriptions }));
}
