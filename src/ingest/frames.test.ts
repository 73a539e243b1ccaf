import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import mqtt from 'mqtt-packet';
import { type Frame, ProtocolError, PUBLISH, type Publish, readFrame, readPublish } from './frames.ts';

const MAX_BYTES = 300_000;
const emptyFrame = (): Frame => ({ type: 0, flags: 0, start: 0, body: 0, end: 0 });

function publishPacket(version: 4 | 5, qos: 0 | 1 | 2, topic: string, payload: Buffer): Buffer {
  const properties = version === 5 ? { userProperties: { a: 'x'.repeat(200) }, topicAlias: 3 } : undefined;
  return mqtt.generate(
    {
      cmd: 'publish',
      topic,
      payload,
      qos,
      dup: qos > 0,
      retain: false,
      ...(qos > 0 ? { messageId: 4_711 } : {}),
      ...(properties === undefined ? {} : { properties }),
    },
    { protocolVersion: version },
  );
}

function read(buffer: Buffer, version: number): { topic: string; payload: Buffer; publish: Publish } {
  const frame = emptyFrame();
  const publish: Publish = { topicStart: 0, topicEnd: 0, packetId: 0, qos: 0, payloadStart: 0 };
  assert.ok(readFrame(buffer, 0, MAX_BYTES, frame));
  assert.equal(frame.type, PUBLISH);
  readPublish(buffer, frame, version, publish);
  return {
    topic: buffer.toString('utf8', publish.topicStart, publish.topicEnd),
    payload: buffer.subarray(publish.payloadStart, frame.end),
    publish,
  };
}

describe('readFrame', () => {
  for (const size of [0, 1, 127, 128, 16_383, 16_384, 200_000]) {
    it(`finds the end of a packet with a payload of ${size} bytes, at an offset`, () => {
      const packet = publishPacket(4, 1, 't', Buffer.alloc(size, 7));
      const frame = emptyFrame();
      const buffer = Buffer.concat([Buffer.from('skip'), packet, Buffer.from('next')]);
      assert.ok(readFrame(buffer, 4, MAX_BYTES, frame));
      assert.deepEqual([frame.start, frame.end], [4, 4 + packet.length]);
    });
  }

  it('waits for the rest of a packet that is cut anywhere', () => {
    const packet = publishPacket(4, 1, 'topic', Buffer.alloc(300));
    for (let cut = 0; cut < packet.length; cut++) {
      assert.equal(readFrame(packet.subarray(0, cut), 0, MAX_BYTES, emptyFrame()), false, `cut at ${cut}`);
    }
  });

  it('refuses a length of five bytes before the rest has come', () => {
    const bytes = Buffer.from([0x30, 0xff, 0xff, 0xff, 0xff]);
    assert.throws(() => readFrame(bytes, 0, 2 ** 30, emptyFrame()), ProtocolError);
  });

  it('refuses a packet over the bound from its header alone', () => {
    const header = publishPacket(4, 0, 't', Buffer.alloc(2_000)).subarray(0, 3);
    assert.throws(() => readFrame(header, 0, 1_000, emptyFrame()), /at most 1000/);
    assert.equal(readFrame(header, 0, 2_003, emptyFrame()), false);
  });
});

describe('readPublish', () => {
  for (const version of [4, 5] as const) {
    for (const qos of [0, 1, 2] as const) {
      it(`reads MQTT ${version} QoS ${qos} as mqtt-packet wrote it`, () => {
        const { topic, payload, publish } = read(
          publishPacket(version, qos, 'a/ü/c', Buffer.from('{"a":1}')),
          version,
        );
        assert.equal(topic, 'a/ü/c');
        assert.equal(payload.toString(), '{"a":1}');
        assert.equal(publish.qos, qos);
        assert.equal(publish.packetId, qos === 0 ? 0 : 4_711);
      });
    }
  }

  const malformed: readonly [what: string, version: number, bytes: number[]][] = [
    ['QoS 3', 4, [0x36, 5, 0, 1, 65, 0, 1]],
    ['no topic length', 4, [0x30, 1, 0]],
    ['an empty body', 4, [0x30, 0]],
    ['a topic that ends behind the packet', 4, [0x30, 4, 0, 9, 65, 66]],
    ['a topic that ends behind the packet, QoS 1', 4, [0x32, 4, 0, 9, 65, 66]],
    ['no packet identifier', 4, [0x32, 4, 0, 1, 65, 1]],
    ['packet identifier 0', 4, [0x32, 5, 0, 1, 65, 0, 0]],
    ['no property length', 5, [0x30, 3, 0, 1, 65]],
    ['properties that end behind the packet', 5, [0x30, 5, 0, 1, 65, 9, 1]],
    ['a property length of five bytes', 5, [0x30, 9, 0, 1, 65, 0xff, 0xff, 0xff, 0xff, 1, 0]],
  ];
  for (const [what, version, bytes] of malformed) {
    it(`refuses ${what}`, () => {
      // Bytes of a packet behind it must not be taken for its own.
      const buffer = Buffer.concat([Buffer.from(bytes), Buffer.alloc(64, 1)]);
      assert.throws(() => read(buffer, version), ProtocolError);
    });
  }
});
