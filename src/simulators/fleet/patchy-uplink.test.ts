import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Random } from '../../lib/random.ts';
import { MAX_HELD_READINGS, type OutgoingReading, PatchyUplink } from './patchy-uplink.ts';

test('a device with a good link sends each reading at once', () => {
  const uplink = new PatchyUplink(new Random(1), 1000);
  const good = [1, 2, 3].find((no) => !uplink.devices.includes(no)) ?? 0;
  const reading = { deviceNo: good, timestampMs: 1, payload: '' };
  assert.deepEqual(uplink.pass(reading), [reading]);
});

test('a bad link delays and reorders but loses and doubles nothing', () => {
  const uplink = new PatchyUplink(new Random(1), 1000);
  const [deviceNo = 0] = uplink.devices;
  const sent: OutgoingReading[] = [];
  let late = 0;
  for (let timestampMs = 1; timestampMs <= 500; timestampMs++) {
    const now = uplink.pass({ deviceNo, timestampMs, payload: '' });
    assert.ok(now.length <= MAX_HELD_READINGS + 1);
    late += now.filter((reading) => reading.timestampMs < timestampMs).length;
    sent.push(...now);
  }
  const times = sent.map((reading) => reading.timestampMs);
  assert.equal(new Set(times).size, times.length);
  assert.ok(times.length >= 500 - MAX_HELD_READINGS);
  assert.ok(late > 50);
});
