/**
 * A steady load of readings from outside: the mqtt package, QoS 1, nothing of our own MQTT code. It records
 * what was acknowledged; what was not is sent again by the library after a reconnect.
 */
import { connect, type MqttClient } from 'mqtt';
import { every, monotonicMs, wallMs } from '../../../src/lib/clock.ts';
import { until } from '../../../src/lib/eventually.ts';
import { validReading } from './reading.ts';

const TICK_MS = 10;
/**
 * Readings without acknowledgement; at the bound, and without a connection, no new ones are made. The library
 * sends what is left over from a lost connection one by one, so a large window would take long to drain.
 */
const OUTSTANDING_MAX = 400;
/** Readings of one tick at most, also when a pause has to be made up for. */
const TICK_MAX = 100;
const DRAIN_LIMIT_MS = 60_000;

export type PublisherOptions = {
  readonly host: string;
  /** Tried in turn after every loss of the connection. */
  readonly ports: readonly number[];
  readonly version: 4 | 5;
  /** Numbers of the devices that send, in turn. */
  readonly devices: { readonly first: number; readonly count: number };
  readonly ratePerS: number;
};

export type Acknowledged = { readonly deviceNo: number; readonly tsMs: number; readonly atMs: number };

export class Publisher {
  readonly options: PublisherOptions;
  readonly acknowledged: Acknowledged[] = [];
  readonly #client: MqttClient;
  readonly #stop = new AbortController();
  readonly #lastTsMs: Float64Array;
  #made = 0;
  #packets = 0;
  #refused = '';

  constructor(options: PublisherOptions) {
    this.options = options;
    this.#lastTsMs = new Float64Array(options.devices.count);
    this.#client = connect({
      servers: options.ports.map((port) => ({ host: options.host, port, protocol: 'mqtt' as const })),
      protocolVersion: options.version,
      clientId: `test-${process.pid}-${options.devices.first}-${Math.round(wallMs())}`,
      clean: false,
      ...(options.version === 5 ? { properties: { sessionExpiryInterval: 600 } } : {}),
      reconnectPeriod: 100,
      connectTimeout: 2_000,
      keepalive: 5,
    });
    // The library reconnects by itself; a publisher that cannot shows in what is not acknowledged.
    this.#client.on('error', () => {});
    this.#client.on('packetsend', ({ cmd }) => {
      if (cmd === 'publish') this.#packets += 1;
    });
  }

  get outstanding(): number {
    return this.#made - this.acknowledged.length;
  }

  /** PUBLISH packets beyond the first of each reading. */
  get resent(): number {
    return Math.max(0, this.#packets - this.#made);
  }

  /** Sends until `stop`; resolves once the first readings are acknowledged. */
  async start(): Promise<void> {
    const startedMs = monotonicMs();
    let skipped = 0;
    every(TICK_MS, this.#stop.signal, () => {
      const due = Math.floor(((monotonicMs() - startedMs) * this.options.ratePerS) / 1_000) - skipped;
      const count = Math.min(due - this.#made, TICK_MAX, OUTSTANDING_MAX - this.outstanding);
      // What a full window held up is not made up for later: the rate is a ceiling.
      if (due - this.#made > TICK_MAX) skipped += due - this.#made - TICK_MAX;
      if (!this.#client.connected) return;
      for (let i = 0; i < count; i++) this.#send();
    });
    await this.moreAcknowledged(Math.min(200, this.options.ratePerS / 2));
  }

  /** Resolves once `count` more readings than now are acknowledged. */
  async moreAcknowledged(count: number, limitMs = 30_000): Promise<void> {
    const wanted = this.acknowledged.length + count;
    await until(`${count} more readings are acknowledged`, limitMs, () => {
      if (this.#refused !== '') throw new Error(this.#refused);
      return this.acknowledged.length >= wanted;
    });
  }

  /** Stops making readings, waits until each is acknowledged, and disconnects. */
  async stop(): Promise<void> {
    this.#stop.abort();
    try {
      await until('every reading is acknowledged', DRAIN_LIMIT_MS, () => this.outstanding === 0);
    } finally {
      await this.#client.endAsync(true);
    }
  }

  #send(): void {
    const { first, count } = this.options.devices;
    const index = this.#made % count;
    const tsMs = Math.max(wallMs(), (this.#lastTsMs[index] ?? 0) + 1);
    this.#lastTsMs[index] = tsMs;
    this.#made += 1;
    const deviceNo = first + index;
    const { topic, message } = validReading(deviceNo, tsMs);
    this.#client.publish(topic, JSON.stringify(message), { qos: 1 }, (error) => {
      if (error) this.#refused = error.message;
      else this.acknowledged.push({ deviceNo, tsMs, atMs: wallMs() });
    });
  }
}
