import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DEVICE_TYPES, deviceTopic, FLEET_SIZE, fleetDevice, SITES } from '../../lib/fleet.ts';
import { readingPayload, readingTopic } from './payload.ts';

const STATUS = { state: 'OK', code: 'X-OK', message: 'Nominal' };

test('topic and payload of every corner of the fleet name the device as the registry does', () => {
  for (const no of [1, 2_500, 2_501, 25_000, 25_001, 62_500, 75_001, FLEET_SIZE]) {
    const device = fleetDevice(no);
    const site = SITES[device.siteIndex];
    const type = DEVICE_TYPES[device.typeIndex];
    assert.ok(site !== undefined && type !== undefined);
    assert.equal(readingTopic(no), deviceTopic(site.id, type.type, device.deviceId));
    const reading = JSON.parse(readingPayload(no, '2026-11-16T12:30:45.123Z', type.nominal, STATUS));
    assert.equal(reading.device_id, device.deviceId);
    assert.equal(reading.device_type, type.type);
    assert.equal(reading.site_id, site.id);
    assert.equal(reading.timestamp_utc, '2026-11-16T12:30:45.123Z');
    assert.deepEqual(
      reading.metrics,
      Object.fromEntries(type.metrics.map((name, index) => [name, type.nominal[index]])),
    );
    assert.deepEqual(reading.status, STATUS);
    assert.deepEqual(reading.location, { lat: site.lat, lon: site.lon });
    assert.deepEqual(Object.keys(reading.tags), ['vendor', 'loop']);
  }
});

test('a device outside the fleet is refused', () => {
  assert.throws(() => readingPayload(FLEET_SIZE + 1, '', [], STATUS), RangeError);
});
