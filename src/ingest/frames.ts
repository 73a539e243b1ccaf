/**
 * Cuts a connection's bytes into MQTT packets (OASIS MQTT 3.1.1 and 5.0, section 2.1). PUBLISH is read in
 * place, without an object per packet; every other packet is left to the mqtt-packet library.
 */

export const PUBLISH = 3;

export class ProtocolError extends Error {
  override readonly name = 'ProtocolError';
}

/** Where the parts of one packet stand in the buffer. */
export type Frame = {
  type: number;
  flags: number;
  /** First byte of the packet, first behind its fixed header, and first behind the packet. */
  start: number;
  body: number;
  end: number;
};

/**
 * Reads the fixed header at `offset` into `frame`. False when the packet is not complete yet.
 * Throws ProtocolError when the remaining length is malformed or over `maxBytes`.
 */
export function readFrame(buffer: Buffer, offset: number, maxBytes: number, frame: Frame): boolean {
  if (offset + 2 > buffer.length) return false;
  const first = buffer[offset] ?? 0;
  let length = 0;
  let at = offset + 1;
  for (let shift = 0; ; shift += 7) {
    if (shift > 21) throw new ProtocolError('malformed remaining length');
    if (at >= buffer.length) return false;
    const byte = buffer[at++] ?? 0;
    length += (byte & 0x7f) << shift;
    if ((byte & 0x80) === 0) break;
  }
  if (length > maxBytes)
    throw new ProtocolError(`packet of ${length} bytes, at most ${maxBytes} are accepted`);
  frame.type = first >> 4;
  frame.flags = first & 0x0f;
  frame.start = offset;
  frame.body = at;
  frame.end = at + length;
  return frame.end <= buffer.length;
}

export type Publish = {
  topicStart: number;
  topicEnd: number;
  packetId: number;
  qos: number;
  payloadStart: number;
};

/** Reads the variable header of a PUBLISH into `publish`. Throws ProtocolError when it is malformed. */
export function readPublish(buffer: Buffer, frame: Frame, version: number, publish: Publish): void {
  const qos = (frame.flags >> 1) & 3;
  if (qos === 3) throw new ProtocolError('QoS 3 does not exist');
  let at = frame.body + 2;
  if (at > frame.end) throw new ProtocolError('PUBLISH without topic');
  publish.topicStart = at;
  at += buffer.readUInt16BE(frame.body);
  publish.topicEnd = at;
  publish.qos = qos;
  publish.packetId = 0;
  if (qos > 0) {
    if (at + 2 > frame.end) throw new ProtocolError('PUBLISH without packet identifier');
    publish.packetId = buffer.readUInt16BE(at);
    if (publish.packetId === 0) throw new ProtocolError('packet identifier 0');
    at += 2;
  }
  if (version === 5) at = skipProperties(buffer, at, frame.end);
  if (at > frame.end || publish.topicEnd > frame.end) throw new ProtocolError('PUBLISH is cut short');
  publish.payloadStart = at;
}

/** MQTT 5 properties are a variable byte integer of length and that many bytes. */
function skipProperties(buffer: Buffer, offset: number, end: number): number {
  let length = 0;
  let at = offset;
  for (let shift = 0; shift <= 21; shift += 7) {
    if (at >= end) throw new ProtocolError('PUBLISH properties are cut short');
    const byte = buffer[at++] ?? 0;
    length += (byte & 0x7f) << shift;
    if ((byte & 0x80) === 0) return at + length;
  }
  throw new ProtocolError('malformed property length');
}
