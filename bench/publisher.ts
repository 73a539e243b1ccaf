/** One MQTT connection of the load generator: sends ready-made packets within a window, times every PUBACK. */
import { connect, type Socket } from 'node:net';
import { generate } from 'mqtt-packet';
import { monotonicMs, wallMs, within } from '../src/lib/clock.ts';
import { FrameReader } from '../src/lib/mqtt/mqtt-wire.ts';
import type { AckLedger } from '../src/simulators/ack-ledger.ts';
import type { Measurement } from './measurement.ts';
import { PacketSet } from './template.ts';

const CONNECT_DEADLINE_MS = 10_000;

export type PublisherOptions = {
  readonly host: string;
  readonly port: number;
  readonly clientId: string;
  readonly devices: Uint32Array;
  /** Unacknowledged messages at most; never more than there are devices. */
  readonly window: number;
  /** Messages a second, 0: as fast as the window allows. */
  readonly rate: number;
};

export class Publisher {
  readonly #options: PublisherOptions;
  readonly #window: number;
  readonly #packets: PacketSet;
  /** By packet: when its latency began (monotonic), its timestamp (Unix ms), 1 while unacknowledged. */
  readonly #startedMs: Float64Array;
  readonly #timestampMs: Float64Array;
  readonly #waiting: Uint8Array;
  readonly #measurement: Measurement;
  readonly #ledger: AckLedger | undefined;
  readonly #onLost: (error: Error) => void;
  #socket: Socket | undefined;
  #next = 0;
  #sending = false;
  #paceStartMs = 0;
  #lastTickMs = 0;
  sent = 0;
  acknowledged = 0;

  constructor(
    options: PublisherOptions,
    measurement: Measurement,
    ledger: AckLedger | undefined,
    onLost: (error: Error) => void,
  ) {
    const count = options.devices.length;
    this.#options = options;
    this.#packets = new PacketSet(options.devices);
    this.#window = Math.min(options.window, count);
    this.#startedMs = new Float64Array(count);
    this.#timestampMs = new Float64Array(count);
    this.#waiting = new Uint8Array(count);
    this.#measurement = measurement;
    this.#ledger = ledger;
    this.#onLost = onLost;
  }

  get inFlight(): number {
    return this.sent - this.acknowledged;
  }

  /** Resolves when the server has accepted the session. Rejects on refusal or after ten seconds. */
  async connect(): Promise<void> {
    const { host, port, clientId } = this.#options;
    const socket = connect({ host, port, noDelay: true });
    this.#socket = socket;
    await within(
      CONNECT_DEADLINE_MS,
      `no CONNACK from ${host}:${port} within ${CONNECT_DEADLINE_MS} ms`,
      new Promise<void>((resolve, reject) => {
        const reader = new FrameReader(
          (packetId) => this.#acknowledge(packetId - 1),
          (packet) => {
            if (packet.cmd !== 'connack') return;
            if (packet.returnCode === 0) resolve();
            else reject(new Error(`${host}:${port} refused the session with code ${packet.returnCode}`));
          },
        );
        socket.on('data', (chunk) => {
          reader.read(chunk);
          if (this.#sending && this.#options.rate === 0) this.#send(this.#window);
        });
        const lost = (error: Error): void => {
          reject(error);
          this.#onLost(error);
        };
        socket.on('error', lost);
        socket.on('close', () => {
          if (this.#socket !== undefined) lost(new Error(`${host}:${port} closed the connection`));
        });
        socket.write(
          generate({
            cmd: 'connect',
            protocolId: 'MQTT',
            protocolVersion: 4,
            clean: true,
            clientId,
            keepalive: 0,
          }),
        );
      }),
    );
  }

  start(): void {
    this.#sending = true;
    this.#paceStartMs = monotonicMs();
    this.#lastTickMs = this.#paceStartMs;
    if (this.#options.rate === 0) this.#send(this.#window);
  }

  stop(): void {
    this.#sending = false;
  }

  /** Sends what a paced connection owes by now. */
  tick(): void {
    if (!this.#sending || this.#options.rate === 0) return;
    const now = monotonicMs();
    const due = Math.floor(((now - this.#paceStartMs) / 1000) * this.#options.rate) - this.sent;
    if (due > 0) this.#send(due);
    this.#lastTickMs = now;
  }

  /** Ends the session; must come after the last acknowledgement, or what is in flight stays unknown. */
  close(): void {
    const socket = this.#socket;
    this.#socket = undefined;
    socket?.end(generate({ cmd: 'disconnect' }));
  }

  #send(wanted: number): void {
    const now = monotonicMs();
    const wall = wallMs();
    const room = Math.min(wanted, this.#window - this.inFlight);
    let left = room;
    while (left > 0) {
      const first = this.#next;
      const end = this.#prepare(first, Math.min(first + left, this.#waiting.length), now, wall);
      if (end === first) return;
      const { bytes, offsets } = this.#packets;
      this.#socket?.write(bytes.subarray(offsets[first], offsets[end]));
      left -= end - first;
      this.#next = end === this.#waiting.length ? 0 : end;
    }
  }

  /** Patches the packets from `first` up to `end`, or up to one that still waits; returns where it stopped. */
  #prepare(first: number, end: number, now: number, wall: number): number {
    let textOf = 0;
    let text: Uint8Array = EMPTY;
    for (let index = first; index < end; index++) {
      if (this.#waiting[index] === 1) return index;
      // A device visited twice within a millisecond would repeat its timestamp, which makes it a duplicate.
      const timestamp = Math.max(wall, (this.#timestampMs[index] ?? 0) + 1);
      if (timestamp !== textOf) {
        text = isoBytes(timestamp);
        textOf = timestamp;
      }
      this.#packets.patch(index, text, this.sent);
      this.#timestampMs[index] = timestamp;
      this.#startedMs[index] = this.#startOf(now);
      this.#waiting[index] = 1;
      this.sent++;
    }
    return end;
  }

  /**
   * Latency of a paced message that the full window held back begins when it was due, else a stalled server
   * would look fast (coordinated omission). One that was merely due since the last tick begins now.
   */
  #startOf(now: number): number {
    if (this.#options.rate === 0) return now;
    const due = this.#paceStartMs + ((this.sent + 1) / this.#options.rate) * 1000;
    return due < this.#lastTickMs ? due : now;
  }

  #acknowledge(index: number): void {
    if (this.#waiting[index] !== 1)
      throw new Error(`acknowledgement of ${index + 1}, which was not in flight`);
    this.#waiting[index] = 0;
    this.acknowledged++;
    this.#measurement.record(monotonicMs() - (this.#startedMs[index] ?? 0));
    this.#ledger?.append(this.#packets.devices[index] ?? 0, this.#timestampMs[index] ?? 0);
  }
}

const EMPTY = new Uint8Array();
const ENCODER = new TextEncoder();

function isoBytes(unixMs: number): Uint8Array {
  return ENCODER.encode(new Date(unixMs).toISOString());
}
