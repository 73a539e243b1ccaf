/** One MQTT connection: handshake, PUBLISH hot path, acknowledgements after the commit. */
import type { Socket } from 'node:net';
import mqtt, { type Packet } from 'mqtt-packet';
import { after } from '../lib/clock.ts';
import type { Publisher } from './batch.ts';
import { type Frame, ProtocolError, PUBLISH, type Publish, readFrame, readPublish } from './frames.ts';

/** A client must say CONNECT within this. */
const CONNECT_TIMEOUT_MS = 10_000;
const QUEUED_ACK_BYTES = 4;
/** A client that leaves this much unread would fill our memory; 256,000 acknowledgements. */
const UNREAD_ACK_MAX_BYTES = 1_048_576;
/** MQTT 5 reason codes (section 2.4). */
const NOT_AUTHORIZED_V5 = 0x87;
const SUBSCRIBE_REFUSED = 0x80;

export type ConnectionEvents = {
  /** A message has arrived; `publisher.acknowledge` is owed when qos > 0. */
  readonly publish: (
    publisher: Publisher,
    topic: string,
    payload: Buffer,
    packetId: number,
    qos: number,
  ) => void;
  readonly close: (connection: Connection, reason: string) => void;
};

export class Connection implements Publisher {
  readonly #socket: Socket;
  readonly #events: ConnectionEvents;
  readonly #maxBytes: number;
  readonly #receiveMaximum: number;
  readonly #frame: Frame = { type: 0, flags: 0, start: 0, body: 0, end: 0 };
  readonly #publish: Publish = { topicStart: 0, topicEnd: 0, packetId: 0, qos: 0, payloadStart: 0 };
  #rest: Buffer | null = null;
  #version = 0;
  #acks = Buffer.allocUnsafe(1_024);
  #ackBytes = 0;
  #cancelTimeout: () => void;
  #keepaliveMs = 0;
  #heard = true;
  clientId = '';

  constructor(socket: Socket, events: ConnectionEvents, maxBytes: number, receiveMaximum: number) {
    this.#socket = socket;
    this.#events = events;
    this.#maxBytes = maxBytes;
    this.#receiveMaximum = receiveMaximum;
    this.#cancelTimeout = after(CONNECT_TIMEOUT_MS, () => this.end('no CONNECT in time'));
    socket.setNoDelay(true);
    socket.on('data', (chunk: Buffer) => this.#onData(chunk));
    socket.on('error', (error) => this.end(error.message));
    socket.on('close', () => this.end('closed by the client'));
  }

  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  /** Closes the connection; what was not acknowledged stays so, and the client sends it again. */
  end(reason: string): void {
    this.#cancelTimeout();
    if (!this.#socket.destroyed) this.#socket.destroy();
    this.#events.close(this, reason);
  }

  acknowledge(packetId: number, qos: number): void {
    if (this.#ackBytes + QUEUED_ACK_BYTES > this.#acks.length) {
      this.#acks = Buffer.concat([this.#acks], 2 * this.#acks.length);
    }
    // PUBACK for QoS 1, PUBREC for QoS 2; without a reason code both versions read it as success.
    this.#acks[this.#ackBytes] = qos === 1 ? 0x40 : 0x50;
    this.#acks[this.#ackBytes + 1] = 2;
    this.#acks.writeUInt16BE(packetId, this.#ackBytes + 2);
    this.#ackBytes += QUEUED_ACK_BYTES;
  }

  flushAcknowledgements(): void {
    if (this.#ackBytes === 0 || this.#socket.destroyed) return;
    this.#socket.write(Buffer.from(this.#acks.subarray(0, this.#ackBytes)));
    this.#ackBytes = 0;
    if (this.#socket.writableLength > UNREAD_ACK_MAX_BYTES) this.end('it does not read its acknowledgements');
  }

  #onData(chunk: Buffer): void {
    this.#heard = true;
    const buffer = this.#rest === null ? chunk : Buffer.concat([this.#rest, chunk]);
    const frame = this.#frame;
    let at = 0;
    try {
      while (!this.#socket.destroyed && readFrame(buffer, at, this.#maxBytes, frame)) {
        if (frame.type === PUBLISH && this.#version !== 0) this.#onPublish(buffer);
        else this.#onControl(buffer.subarray(frame.start, frame.end));
        at = frame.end;
      }
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      this.end(error.message);
      return;
    }
    this.#rest = at < buffer.length ? buffer.subarray(at) : null;
  }

  #onPublish(buffer: Buffer): void {
    const publish = this.#publish;
    readPublish(buffer, this.#frame, this.#version, publish);
    const topic = buffer.toString('utf8', publish.topicStart, publish.topicEnd);
    const payload = buffer.subarray(publish.payloadStart, this.#frame.end);
    this.#events.publish(this, topic, payload, publish.packetId, publish.qos);
  }

  /** Everything but PUBLISH is rare: one parser per packet keeps the state in one place, here. */
  #onControl(bytes: Buffer): void {
    const parser = mqtt.parser(this.#version === 0 ? {} : { protocolVersion: this.#version });
    let failure: Error | undefined;
    parser.on('packet', (packet: Packet) => this.#onPacket(packet));
    parser.on('error', (error: Error) => {
      failure = error;
    });
    parser.parse(bytes);
    if (failure !== undefined) throw new ProtocolError(failure.message);
  }

  #onPacket(packet: Packet): void {
    if (this.#version === 0 && packet.cmd !== 'connect')
      throw new ProtocolError(`${packet.cmd} before CONNECT`);
    switch (packet.cmd) {
      case 'connect':
        this.#onConnect(packet);
        break;
      case 'pingreq':
        this.#send({ cmd: 'pingresp' });
        break;
      case 'pubrel':
        this.#send({ cmd: 'pubcomp', messageId: packet.messageId ?? 0 });
        break;
      case 'subscribe':
        // Ingest takes readings and gives none out; live readings are at the site's broker and the API.
        this.#send({
          cmd: 'suback',
          messageId: packet.messageId ?? 0,
          granted: packet.subscriptions.map(() =>
            this.#version === 5 ? NOT_AUTHORIZED_V5 : SUBSCRIBE_REFUSED,
          ),
        });
        break;
      case 'unsubscribe':
        this.#send({
          cmd: 'unsuback',
          messageId: packet.messageId ?? 0,
          granted: packet.unsubscriptions.map(() => 0),
        });
        break;
      case 'disconnect':
        this.end('disconnected');
        break;
      default:
        throw new ProtocolError(`unexpected ${packet.cmd}`);
    }
  }

  #onConnect(packet: mqtt.IConnectPacket): void {
    if (this.#version !== 0) throw new ProtocolError('second CONNECT');
    const version = packet.protocolVersion ?? 4;
    if (version < 4) throw new ProtocolError(`MQTT protocol level ${version} is not supported`);
    this.#version = version;
    this.clientId = packet.clientId;
    this.#keepaliveMs = 1_500 * (packet.keepalive ?? 0);
    this.#watchKeepalive();
    this.#send(
      version === 5
        ? {
            cmd: 'connack',
            reasonCode: 0,
            sessionPresent: false,
            properties: {
              receiveMaximum: this.#receiveMaximum,
              maximumPacketSize: this.#maxBytes,
              retainAvailable: false,
              wildcardSubscriptionAvailable: false,
              subscriptionIdentifiersAvailable: false,
              sharedSubscriptionAvailable: false,
            },
          }
        : { cmd: 'connack', returnCode: 0, sessionPresent: false },
    );
  }

  /** A client that says nothing for one and a half keepalives is gone [MQTT-3.1.2-22]; 0 turns that off. */
  #watchKeepalive(): void {
    this.#cancelTimeout();
    if (this.#keepaliveMs === 0) return;
    this.#cancelTimeout = after(this.#keepaliveMs, () => {
      if (!this.#heard && !this.#socket.isPaused()) {
        this.end('keepalive timeout');
        return;
      }
      this.#heard = false;
      this.#watchKeepalive();
    });
  }

  #send(packet: Packet): void {
    this.#socket.write(mqtt.generate(packet, { protocolVersion: this.#version }));
  }
}
