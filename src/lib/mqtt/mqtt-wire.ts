/**
 * The two parts of MQTT 3.1.1 that a publisher handles once a reading, written by hand because they decide
 * what a load costs: encoding PUBLISH into a batch and reading PUBACK. mqtt-packet does every other packet.
 */
import { type Packet, parser } from 'mqtt-packet';

/** Highest packet identifier (OASIS MQTT 3.1.1, 2.3.1); 0 is not allowed. */
export const MAX_PACKET_ID = 65_535;

const PUBLISH_QOS1 = 0x32;
const DUP_FLAG = 0x08;
const PUBACK = 0x40;
/** A broker has no reason to send a publisher more than this. */
const MAX_FRAME_BYTES = 65_536;
const MAX_LENGTH_DIGITS = 4;

/** Bytes of a QoS 1 PUBLISH whose topic and payload have the given lengths in bytes. */
export function publishBytes(topicBytes: number, payloadBytes: number): number {
  const remaining = 2 + topicBytes + 2 + payloadBytes;
  const digits = remaining < 128 ? 1 : remaining < 16_384 ? 2 : remaining < 2_097_152 ? 3 : 4;
  return 1 + digits + remaining;
}

/**
 * Writes a QoS 1 PUBLISH at `offset`, returns the offset behind it. Topic and payload are ASCII text, so one
 * character is one byte.
 */
export function writePublish(
  target: Buffer,
  offset: number,
  topic: string,
  packetId: number,
  payload: string,
  dup: boolean,
): number {
  let at = offset;
  target[at++] = dup ? PUBLISH_QOS1 | DUP_FLAG : PUBLISH_QOS1;
  let remaining = 2 + topic.length + 2 + payload.length;
  while (remaining >= 128) {
    target[at++] = (remaining & 0x7f) | 0x80;
    remaining >>>= 7;
  }
  target[at++] = remaining;
  target[at++] = topic.length >>> 8;
  target[at++] = topic.length & 0xff;
  at += target.write(topic, at, 'latin1');
  target[at++] = packetId >>> 8;
  target[at++] = packetId & 0xff;
  return at + target.write(payload, at, 'latin1');
}

/**
 * Splits a stream of bytes into MQTT frames: acknowledgements go to `onAck` by packet identifier, all others
 * to `onPacket`. `read` throws on bytes that are not MQTT.
 */
export class FrameReader {
  readonly #onAck: (packetId: number) => void;
  readonly #parser = parser({ protocolVersion: 4 });
  #rest: Buffer | undefined;
  #parserError: Error | undefined;

  constructor(onAck: (packetId: number) => void, onPacket: (packet: Packet) => void) {
    this.#onAck = onAck;
    this.#parser.on('packet', onPacket);
    this.#parser.on('error', (error: unknown) => {
      this.#parserError = error instanceof Error ? error : new Error(String(error));
    });
  }

  read(chunk: Buffer): void {
    const bytes = this.#rest === undefined ? chunk : Buffer.concat([this.#rest, chunk]);
    this.#rest = undefined;
    let at = 0;
    while (at < bytes.length) {
      const size = frameBytes(bytes, at);
      if (size === 0 || at + size > bytes.length) break;
      if (bytes[at] === PUBACK && size >= 4) this.#onAck(bytes.readUInt16BE(at + 2));
      else this.#parse(bytes.subarray(at, at + size));
      at += size;
    }
    if (at < bytes.length) this.#rest = Buffer.from(bytes.subarray(at));
  }

  #parse(frame: Buffer): void {
    this.#parser.parse(frame);
    if (this.#parserError !== undefined) throw this.#parserError;
  }
}

/** Size of the frame at `at`, or 0 when its length is not complete yet. */
function frameBytes(bytes: Buffer, at: number): number {
  let remaining = 0;
  for (let digit = 0; digit < MAX_LENGTH_DIGITS; digit++) {
    const value = bytes[at + 1 + digit];
    if (value === undefined) return 0;
    remaining += (value & 0x7f) * 128 ** digit;
    if (value < 128) {
      if (remaining > MAX_FRAME_BYTES) throw new Error(`MQTT frame of ${remaining} bytes`);
      return 2 + digit + remaining;
    }
  }
  throw new Error('MQTT remaining length is longer than four bytes');
}
