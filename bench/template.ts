/**
 * Ready-made PUBLISH packets of a set of devices, back to back in one buffer. A packet is sent again and
 * again with only its timestamp and three digits of its first metric written anew, so that the generator
 * costs next to nothing beside the system that it measures.
 */
import { DEVICE_TYPES, fleetDevice } from '../src/lib/fleet.ts';
import { MAX_PACKET_ID, publishBytes, writePublish } from '../src/lib/mqtt/mqtt-wire.ts';
import { readingPayload, readingTopic } from '../src/simulators/fleet/payload.ts';

const TIMESTAMP_SLOT = '0000-00-00T00:00:00.000Z';
/** Without the closing Z, which never changes. */
const TIMESTAMP_BYTES = TIMESTAMP_SLOT.length - 1;
const METRIC_DIGITS = 3;
const ZERO = 48;

export class PacketSet {
  readonly devices: Uint32Array;
  readonly bytes: Buffer;
  /** Where packet i starts; one entry more than packets, so that offsets[i + 1] is its end. */
  readonly offsets: Uint32Array;
  readonly #timestampAt: Uint32Array;
  readonly #metricAt: Uint32Array;

  /** Packet i belongs to devices[i] and carries the packet identifier i + 1. */
  constructor(devices: Uint32Array) {
    if (devices.length === 0 || devices.length > MAX_PACKET_ID) {
      throw new RangeError(`a connection carries 1..${MAX_PACKET_ID} devices, not ${devices.length}`);
    }
    this.devices = devices;
    this.offsets = new Uint32Array(devices.length + 1);
    this.#timestampAt = new Uint32Array(devices.length);
    this.#metricAt = new Uint32Array(devices.length);
    const texts = Array.from(devices, (no) => ({ topic: readingTopic(no), payload: templatePayload(no) }));
    this.bytes = Buffer.allocUnsafe(
      texts.reduce((sum, { topic, payload }) => sum + publishBytes(topic.length, payload.length), 0),
    );
    let at = 0;
    texts.forEach(({ topic, payload }, index) => {
      this.offsets[index] = at;
      at = writePublish(this.bytes, at, topic, index + 1, payload, false);
      const payloadAt = at - payload.length;
      this.#timestampAt[index] = payloadAt + payload.indexOf(TIMESTAMP_SLOT);
      this.#metricAt[index] = payloadAt + payload.indexOf('.', payload.indexOf('"metrics"')) + 1;
    });
    this.offsets[devices.length] = at;
  }

  /** Writes `timestamp` (ASCII of toISOString) and the last three digits of `round` into packet i. */
  patch(index: number, timestamp: Uint8Array, round: number): void {
    let at = this.#timestampAt[index] ?? 0;
    for (let digit = 0; digit < TIMESTAMP_BYTES; digit++) this.bytes[at++] = timestamp[digit] ?? ZERO;
    at = (this.#metricAt[index] ?? 0) + METRIC_DIGITS - 1;
    let rest = round;
    for (let digit = 0; digit < METRIC_DIGITS; digit++) {
      this.bytes[at--] = ZERO + (rest % 10);
      rest = Math.floor(rest / 10);
    }
  }
}

function templatePayload(deviceNo: number): string {
  const { typeIndex } = fleetDevice(deviceNo);
  const type = DEVICE_TYPES[typeIndex];
  if (type === undefined) throw new RangeError(`device ${deviceNo} has no type`);
  const values = type.nominal.map((value, index) => (index === 0 ? `${Math.trunc(value)}.000` : value));
  const status = { state: 'OK', code: `${type.prefix}OK`, message: 'Nominal' };
  return readingPayload(deviceNo, TIMESTAMP_SLOT, values, status);
}

/** Devices of connection `index` of `connections`: every connections-th of the fleet. */
export function devicesOfConnection(fleetSize: number, index: number, connections: number): Uint32Array {
  const count = Math.ceil((fleetSize - index) / connections);
  return Uint32Array.from({ length: count }, (_, step) => 1 + index + step * connections);
}
