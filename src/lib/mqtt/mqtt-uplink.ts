/**
 * One MQTT 3.1.1 connection that publishes with QoS 1 and does not give up: after any failure it connects
 * again, to the next address, and sends everything unacknowledged once more with DUP.
 *
 *   waiting ──due──▶ connecting ──CONNACK──▶ connected
 *      ▲                 │                       │
 *      └──── refused, silent, lost, closed ◀─────┘        close() ends any state in `closed`
 *
 * It owns no timer: its owner calls `tick` often and `flush` after every batch.
 */
import { connect, type Socket } from 'node:net';
import { generate, type Packet } from 'mqtt-packet';
import { type Backoff, backoffMs } from '../backoff.ts';
import { monotonicMs } from '../clock.ts';
import { describeError } from '../errors.ts';
import type { Log } from '../log.ts';
import type { Random } from '../random.ts';
import { FrameReader, publishBytes, writePublish } from './mqtt-wire.ts';
import { type Pending, SendWindow } from './send-window.ts';

const RECONNECT: Backoff = { firstMs: 50, maxMs: 2_000 };
const CONNECT_DEADLINE_MS = 5_000;
const KEEPALIVE_S = 30;
/**
 * A server that owes acknowledgements and sends nothing for this long, not even the answer to a ping, is taken for
 * dead, unless told otherwise.
 */
const SILENCE_DEADLINE_MS = 10_000;
/** One that answers pings holds what it was sent, as in a failover; for so long. */
const HOLD_LIMIT_MS = 10_000;
const PING_EVERY_MS = (KEEPALIVE_S * 1000) / 2;
const PINGREQ = generate({ cmd: 'pingreq' });
const DISCONNECT = generate({ cmd: 'disconnect' });

export type Address = { readonly host: string; readonly port: number };

export type UplinkOptions = {
  /** Tried in turn, beginning with the first. */
  readonly addresses: readonly Address[];
  readonly clientId: string;
  readonly windowMessages: number;
  readonly silenceDeadlineMs?: number;
  readonly random: Random;
  readonly log: Log;
  readonly onAcknowledged: (deviceNo: number, timestampMs: number) => void;
};

type State =
  | { readonly kind: 'waiting'; readonly untilMs: number }
  | { readonly kind: 'connecting'; readonly socket: Socket; readonly deadlineMs: number }
  | { readonly kind: 'connected'; readonly socket: Socket }
  | { readonly kind: 'closed' };

export class MqttUplink {
  readonly #options: UplinkOptions;
  readonly #window: SendWindow;
  readonly #silenceMs: number;
  #state: State = { kind: 'waiting', untilMs: 0 };
  #batch: Pending[] = [];
  #address = 0;
  /** Failures since the last CONNACK. */
  #attempt = 0;
  #heardMs = 0;
  /** Of the last acknowledgement, or of when the server began to owe one. */
  #owedSinceMs = 0;
  #pinged = false;
  #wroteMs = 0;
  readonly counts = { sent: 0, resent: 0, acknowledged: 0, reconnects: 0 };

  constructor(options: UplinkOptions) {
    this.#options = options;
    this.#window = new SendWindow(options.windowMessages);
    this.#silenceMs = options.silenceDeadlineMs ?? SILENCE_DEADLINE_MS;
  }

  get connected(): boolean {
    return this.#state.kind === 'connected';
  }

  /** Taken on and not acknowledged, whether or not it was ever written. */
  get inFlight(): number {
    return this.#window.used;
  }

  /** Takes a reading on for delivery, at the latest after a reconnect; false when the window is full. */
  offer(topic: string, payload: string, deviceNo: number, timestampMs: number): boolean {
    const pending = this.#window.take(topic, payload, deviceNo, timestampMs);
    if (pending === undefined) return false;
    if (this.#state.kind === 'connected') this.#batch.push(pending);
    return true;
  }

  /** Writes what was offered since the last flush. */
  flush(): void {
    if (this.#state.kind !== 'connected' || this.#batch.length === 0) return;
    const batch = this.#batch;
    this.#batch = [];
    this.#write(this.#state.socket, batch);
  }

  /** Connects when it is time, and notices servers that fell silent. */
  tick(): void {
    const now = monotonicMs();
    const state = this.#state;
    switch (state.kind) {
      case 'waiting':
        if (now >= state.untilMs) this.#connect(now);
        return;
      case 'connecting':
        if (now >= state.deadlineMs) this.#fail(state.socket, `no CONNACK within ${CONNECT_DEADLINE_MS} ms`);
        return;
      case 'connected':
        this.#watch(state.socket, now);
        return;
      case 'closed':
        return;
      default:
        state satisfies never;
    }
  }

  /** Sending everything again to a server that only holds it would cost both sides, at the worst moment. */
  #watch(socket: Socket, now: number): void {
    const owes = this.#window.used > this.#batch.length;
    const silentMs = now - this.#heardMs;
    const limitMs = Math.max(HOLD_LIMIT_MS, this.#silenceMs);
    if (owes && silentMs > this.#silenceMs) this.#fail(socket, `no answer for ${this.#silenceMs} ms`);
    else if (owes && now - this.#owedSinceMs > limitMs) {
      this.#fail(socket, `nothing acknowledged for ${limitMs} ms`);
    } else if (
      (owes && !this.#pinged && silentMs > this.#silenceMs / 2) ||
      now - this.#wroteMs > PING_EVERY_MS
    ) {
      socket.write(PINGREQ);
      this.#pinged = true;
      this.#wroteMs = now;
    }
  }

  /** Says goodbye and stops; what is still in flight stays unacknowledged. */
  close(): void {
    const state = this.#state;
    this.#state = { kind: 'closed' };
    if (state.kind === 'connected') state.socket.end(DISCONNECT);
    else if (state.kind === 'connecting') state.socket.destroy();
  }

  #connect(now: number): void {
    const { addresses, clientId } = this.#options;
    const address = addresses[this.#address % addresses.length];
    if (address === undefined) throw new Error('an uplink needs an address');
    const socket = connect({ ...address, noDelay: true });
    this.#state = { kind: 'connecting', socket, deadlineMs: now + CONNECT_DEADLINE_MS };
    const reader = new FrameReader(
      (packetId) => this.#onAck(packetId),
      (packet) => this.#onPacket(socket, packet),
    );
    socket.on('data', (chunk) => {
      if (this.#state.kind === 'closed') return;
      this.#heardMs = monotonicMs();
      this.#pinged = false;
      try {
        reader.read(chunk);
      } catch (error) {
        this.#fail(socket, describeError(error));
      }
    });
    socket.on('error', (error) => this.#fail(socket, describeError(error)));
    socket.on('close', () => this.#fail(socket, 'connection closed'));
    socket.write(
      generate({
        cmd: 'connect',
        protocolId: 'MQTT',
        protocolVersion: 4,
        clean: true,
        clientId,
        keepalive: KEEPALIVE_S,
      }),
    );
  }

  #onPacket(socket: Socket, packet: Packet): void {
    const state = this.#state;
    if (packet.cmd !== 'connack' || state.kind !== 'connecting' || state.socket !== socket) return;
    if (packet.returnCode !== 0) throw new Error(`session refused with code ${packet.returnCode}`);
    if (this.#attempt > 0)
      this.#options.log.info({ ...this.#where(), inFlight: this.inFlight }, 'connected again');
    this.#state = { kind: 'connected', socket };
    this.#attempt = 0;
    this.#heardMs = monotonicMs();
    this.#batch = [];
    this.#write(socket, this.#window.pending());
  }

  #onAck(packetId: number): void {
    const pending = this.#window.acknowledge(packetId);
    if (pending === undefined) throw new Error(`acknowledgement of ${packetId}, which is not in flight`);
    this.#owedSinceMs = this.#heardMs;
    this.counts.acknowledged++;
    this.#options.onAcknowledged(pending.deviceNo, pending.timestampMs);
  }

  #write(socket: Socket, batch: readonly Pending[]): void {
    if (batch.length === 0) return;
    let bytes = 0;
    for (const { topic, payload } of batch) bytes += publishBytes(topic.length, payload.length);
    const buffer = Buffer.allocUnsafe(bytes);
    let at = 0;
    for (const pending of batch) {
      const again = pending.transmissions > 0;
      at = writePublish(buffer, at, pending.topic, pending.packetId, pending.payload, again);
      pending.transmissions++;
      if (again) this.counts.resent++;
      else this.counts.sent++;
    }
    // An idle connection was not silent: the server owes an answer from now on.
    const now = monotonicMs();
    if (this.#window.used === batch.length) {
      this.#heardMs = now;
      this.#owedSinceMs = now;
    }
    this.#wroteMs = now;
    socket.write(buffer);
  }

  /** Leaves a socket for good; a socket that was left before changes nothing. */
  #fail(socket: Socket, reason: string): void {
    const state = this.#state;
    socket.destroy();
    if (state.kind === 'closed' || state.kind === 'waiting' || state.socket !== socket) return;
    if (this.#attempt === 0) {
      this.#options.log.warn({ ...this.#where(), reason, inFlight: this.inFlight }, 'uplink lost');
    }
    const delayMs = backoffMs(RECONNECT, this.#attempt) * this.#options.random.between(0.5, 1);
    this.#state = { kind: 'waiting', untilMs: monotonicMs() + delayMs };
    this.#batch = [];
    this.#attempt++;
    this.#address++;
    this.counts.reconnects++;
  }

  #where(): { clientId: string; port: number | undefined } {
    const { addresses, clientId } = this.#options;
    return { clientId, port: addresses[this.#address % addresses.length]?.port };
  }
}
