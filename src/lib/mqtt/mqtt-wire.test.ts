import assert from 'node:assert/strict';
import { test } from 'node:test';
import { generate, type Packet } from 'mqtt-packet';
import { FrameReader, publishBytes, writePublish } from './mqtt-wire.ts';

test('a PUBLISH written by hand is byte for byte what mqtt-packet generates', () => {
  for (const size of [1, 100, 121, 122, 400, 16_400]) {
    for (const dup of [false, true]) {
      const payload = 'x'.repeat(size);
      const target = Buffer.alloc(publishBytes(3, size));
      const end = writePublish(target, 0, 'a/b', 513, payload, dup);
      assert.equal(end, target.length);
      const expected = generate({
        cmd: 'publish',
        topic: 'a/b',
        payload,
        qos: 1,
        dup,
        retain: false,
        messageId: 513,
      });
      assert.deepEqual(target, expected);
    }
  }
});

test('acknowledgements and other packets arrive whole however the bytes are cut', () => {
  const stream = Buffer.concat([
    generate({ cmd: 'connack', returnCode: 0, sessionPresent: false }),
    generate({ cmd: 'puback', messageId: 1 }),
    generate({ cmd: 'puback', messageId: 65_535 }),
    generate({ cmd: 'pingresp' }),
    generate({ cmd: 'puback', messageId: 64 }),
  ]);
  for (let size = 1; size <= stream.length; size++) {
    const acks: number[] = [];
    const others: string[] = [];
    const reader = new FrameReader(
      (id) => acks.push(id),
      (packet: Packet) => others.push(packet.cmd),
    );
    for (let at = 0; at < stream.length; at += size) reader.read(stream.subarray(at, at + size));
    assert.deepEqual(acks, [1, 65_535, 64]);
    assert.deepEqual(others, ['connack', 'pingresp']);
  }
});

test('bytes that are not MQTT throw', () => {
  const reader = new FrameReader(
    () => assert.fail('no acknowledgement'),
    () => assert.fail('no packet'),
  );
  assert.throws(() => reader.read(Buffer.from([0x40, 0xff, 0xff, 0xff, 0xff, 0xff])));
});
