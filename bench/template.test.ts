import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Packet, parser } from 'mqtt-packet';
import { FLEET_SIZE } from '../src/lib/fleet.ts';
import { readingTopic } from '../src/simulators/fleet/payload.ts';
import { devicesOfConnection, PacketSet } from './template.ts';

test('every packet stays a valid reading of its device after it was patched', () => {
  const devices = Uint32Array.of(1, 25_001, 60_000, FLEET_SIZE);
  const set = new PacketSet(devices);
  const timestamp = new TextEncoder().encode('2026-11-16T12:30:45.678Z');
  for (let index = 0; index < devices.length; index++) set.patch(index, timestamp, 12_345);
  const seen: number[] = [];
  const reader = parser({ protocolVersion: 4 });
  reader.on('packet', (packet: Packet) => {
    assert.equal(packet.cmd, 'publish');
    if (packet.cmd !== 'publish') return;
    const no = devices[seen.length] ?? 0;
    assert.equal(packet.topic, readingTopic(no));
    assert.equal(packet.messageId, seen.length + 1);
    const reading = JSON.parse(packet.payload.toString());
    assert.equal(reading.timestamp_utc, '2026-11-16T12:30:45.678Z');
    assert.equal(Math.round((Number(Object.values(reading.metrics)[0]) % 1) * 1000), 345);
    seen.push(no);
  });
  reader.parse(set.bytes);
  assert.deepEqual(seen, [...devices]);
});

test('the connections share the whole fleet without overlap', () => {
  const all = [0, 1, 2].flatMap((index) => [...devicesOfConnection(FLEET_SIZE, index, 3)]);
  assert.equal(new Set(all).size, FLEET_SIZE);
  assert.equal(
    all.reduce((a, b) => Math.max(a, b)),
    FLEET_SIZE,
  );
});
