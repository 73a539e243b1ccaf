import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { MAX_METRICS } from '../lib/live-record.ts';
import { Batch } from './batch.ts';
import type { Complaint, ReadingParser } from './reading.ts';
import {
  NOW_MS,
  OGD_TOPIC,
  RULES,
  type SampleReading,
  sampleParser,
  sampleReading,
  TURBINE_TOPIC,
  turbineReading,
  turbineTopic,
} from './sample-readings.ts';

function add(
  reading: SampleReading | string,
  topic = TURBINE_TOPIC,
  batch = new Batch(10),
  parser: ReadingParser = sampleParser(),
): Complaint | null {
  return parser.add(batch, topic, typeof reading === 'string' ? reading : JSON.stringify(reading), NOW_MS);
}

const reject = (reason: string, field: string | null = null): Complaint => ({ reason, field });
const at = (offsetMs: number): string => new Date(NOW_MS + offsetMs).toISOString();
const status = (change: object): SampleReading => ({ status: { state: 'OK', code: 'C', ...change } });
const ogd = (changes: SampleReading = {}): SampleReading =>
  sampleReading({
    device_id: 'OGD-00001',
    device_type: 'ogd',
    site_id: 'TX-EAGLE',
    metrics: { rssi_dbm: -72 },
    ...changes,
  });

describe('a good reading', () => {
  it('becomes a row with its metrics in the order of the type, NaN where it had none', () => {
    const batch = new Batch(2);
    assert.equal(add(sampleReading(), TURBINE_TOPIC, batch), null);
    assert.equal(batch.rows, 1);
    assert.equal(batch.deviceNo[0], 1);
    assert.equal(batch.tsMs[0], NOW_MS);
    assert.equal(batch.receivedMs[0], NOW_MS);
    assert.equal(batch.state[0], 0);
    assert.equal(batch.metricCount[0], 8);
    const { NaN: none } = Number;
    assert.deepEqual([...batch.metrics.subarray(0, 8)], [3487, 412.6, none, none, none, 12850.4, none, none]);
    assert.deepEqual([...batch.partitions], [Math.floor(NOW_MS / RULES.partitionMs)]);
  });

  for (const [index, state] of ['OK', 'WARN', 'ALERT'].entries()) {
    it(`has state ${state} as ${index}`, () => {
      const batch = new Batch(1);
      assert.equal(add(sampleReading(status({ state })), TURBINE_TOPIC, batch), null);
      assert.equal(batch.state[0], index);
    });
  }

  it('needs neither firmware, status code and message, location nor tags', () => {
    const optional = { firmware: undefined, location: undefined, tags: undefined, status: { state: 'OK' } };
    assert.equal(add(sampleReading(optional)), null);
  });

  it('leaves nothing of the row that was there before', () => {
    const parser = sampleParser();
    const batch = new Batch(2);
    add(sampleReading({ metrics: { rpm: 1, oddity: 5, vibration_mm_s: 9 } }), TURBINE_TOPIC, batch, parser);
    batch.clear();
    add(turbineReading(2, 1, { metrics: { power_kw: 2 } }), turbineTopic(2), batch, parser);
    assert.ok(Number.isNaN(batch.metrics[0]));
    assert.ok(Number.isNaN(batch.metrics[3]));
    assert.equal(batch.extra.size, 0);
  });

  it('fills the second row behind the first', () => {
    const parser = sampleParser();
    const batch = new Batch(2);
    add(turbineReading(1, 0), turbineTopic(1), batch, parser);
    add(turbineReading(2, 0, { metrics: { rpm: 7 } }), turbineTopic(2), batch, parser);
    assert.equal(batch.metrics[MAX_METRICS], 7);
    assert.deepEqual([...batch.deviceNo.subarray(0, 2)], [1, 2]);
  });

  it('is still good at the edges of time', () => {
    assert.equal(add(sampleReading({ timestamp_utc: at(RULES.futureMaxMs) })), null);
    assert.equal(add(sampleReading({ timestamp_utc: at(-RULES.retentionMs) })), null);
  });

  it('is still good at the edges of what a metric can be', () => {
    assert.equal(
      add(sampleReading({ metrics: { inlet_temp_c: -273.15, rpm: 1_000_000, pressure_bar: -1 } })),
      null,
    );
  });
});

describe('an oil and gas device', () => {
  const aliasTopics = [
    OGD_TOPIC,
    'og/field/TX-EAGLE/connected_device/OGD-00001',
    'og/field/TX-EAGLE/connected_device/OGC-00001',
    'og/field/TX-EAGLE/ogd/OGC-00001',
  ];
  for (const topic of aliasTopics) {
    it(`may call itself OGC- and connected_device on ${topic}`, () => {
      const batch = new Batch(1);
      const reading = ogd({ device_id: 'OGC-00001', device_type: 'connected_device' });
      assert.equal(add(reading, topic, batch), null);
      assert.equal(batch.deviceNo[0], 75_001);
    });
  }

  it('may not use the alias of its id only in the topic', () => {
    assert.deepEqual(add(ogd(), 'og/field/TX-EAGLE/ogd/OGC-00001'), reject('wrong_topic', 'topic'));
  });

  it('has an alias that no other type has', () => {
    assert.deepEqual(
      add(sampleReading({ device_type: 'connected_device' })),
      reject('wrong_device_type', 'device_type'),
    );
    assert.deepEqual(
      add(sampleReading(), 'og/field/WY-ALPHA/connected_device/TURB-00001'),
      reject('wrong_topic', 'topic'),
    );
    assert.deepEqual(add(ogd({ device_id: 'OGC-00002' }), OGD_TOPIC), reject('unknown_device', 'device_id'));
  });
});

describe('a bad reading', () => {
  const many = Object.fromEntries(Array.from({ length: 33 }, (_, i) => [`extra_${i}`, i]));
  const tags = (count: number): SampleReading => ({
    tags: Object.fromEntries(Array.from({ length: count }, (_, i) => [`t${i}`, 'v'])),
  });
  const cases: readonly [reading: SampleReading | string, complaint: Complaint, topic?: string][] = [
    ['', reject('malformed_json')],
    ['{"device_id":', reject('malformed_json')],
    ['{"metrics":{"rpm":NaN}}', reject('malformed_json')],
    ['\uFEFF{}', reject('malformed_json')],
    ['null', reject('not_an_object')],
    ['[]', reject('not_an_object')],
    ['17', reject('not_an_object')],
    ['"text"', reject('not_an_object')],
    ['{}', reject('wrong_type', 'device_id')],
    [sampleReading({ device_id: 912 }), reject('wrong_type', 'device_id')],
    [sampleReading({ device_id: 'TURB-99999' }), reject('unknown_device', 'device_id')],
    [sampleReading({ device_id: '__proto__' }), reject('unknown_device', 'device_id')],
    [sampleReading(), reject('wrong_topic', 'topic'), ''],
    [sampleReading(), reject('wrong_topic', 'topic'), turbineTopic(2)],
    [sampleReading(), reject('wrong_topic', 'topic'), `${TURBINE_TOPIC}/more`],
    [sampleReading(), reject('wrong_topic', 'topic'), TURBINE_TOPIC.replace('field', 'test')],
    [sampleReading(), reject('wrong_topic', 'topic'), TURBINE_TOPIC.replace('WY-ALPHA', 'TX-EAGLE')],
    [sampleReading({ site_id: 'TX-EAGLE' }), reject('wrong_site', 'site_id')],
    [sampleReading({ site_id: undefined }), reject('wrong_type', 'site_id')],
    [sampleReading({ device_type: 'ogd' }), reject('wrong_device_type', 'device_type')],
    [sampleReading({ device_type: null }), reject('wrong_type', 'device_type')],
    [sampleReading({ timestamp_utc: NOW_MS }), reject('wrong_type', 'timestamp_utc')],
    [sampleReading({ timestamp_utc: 'yesterday' }), reject('bad_timestamp', 'timestamp_utc')],
    [sampleReading({ timestamp_utc: '2026-02-30T00:00:00Z' }), reject('bad_timestamp', 'timestamp_utc')],
    [sampleReading({ timestamp_utc: at(300_001) }), reject('timestamp_in_future', 'timestamp_utc')],
    [sampleReading({ timestamp_utc: at(365 * 86_400_000) }), reject('timestamp_in_future', 'timestamp_utc')],
    [
      sampleReading({ timestamp_utc: at(-RULES.retentionMs - 1) }),
      reject('timestamp_too_old', 'timestamp_utc'),
    ],
    [sampleReading({ status: undefined }), reject('wrong_type', 'status.state')],
    [sampleReading({ status: 'OK' }), reject('wrong_type', 'status.state')],
    [sampleReading({ status: { state: 1 } }), reject('wrong_type', 'status.state')],
    [sampleReading({ status: { state: 'ok' } }), reject('unknown_state', 'status.state')],
    [sampleReading({ metrics: undefined }), reject('wrong_type', 'metrics')],
    [sampleReading({ metrics: [1] }), reject('wrong_type', 'metrics')],
    [sampleReading({ metrics: {} }), reject('no_metrics', 'metrics')],
    [sampleReading({ metrics: { rpm: '1' } }), reject('not_a_number', 'metrics.rpm')],
    [sampleReading({ metrics: { rpm: null } }), reject('not_a_number', 'metrics.rpm')],
    [sampleReading({ metrics: { oddity: true } }), reject('not_a_number', 'metrics.oddity')],
    [JSON.stringify(sampleReading()).replace('3487', '1e999'), reject('not_a_number', 'metrics.rpm')],
    [JSON.stringify(sampleReading()).replace('3487', '-1e999'), reject('not_a_number', 'metrics.rpm')],
    [sampleReading({ metrics: { rpm: -0.1 } }), reject('impossible_value', 'metrics.rpm')],
    [sampleReading({ metrics: { inlet_temp_c: -274 } }), reject('impossible_value', 'metrics.inlet_temp_c')],
    [sampleReading({ metrics: { power_kw: 1e13 } }), reject('impossible_value', 'metrics.power_kw')],
    [sampleReading({ metrics: many }), reject('too_many_metrics', 'metrics')],
    [sampleReading({ metrics: { 'a\0': 1 } }), reject('bad_text', 'metrics')],
    [sampleReading({ metrics: { 'a\ud800': 1 } }), reject('bad_text', 'metrics')],
    [sampleReading({ firmware: 3 }), reject('wrong_type', 'firmware')],
    [sampleReading({ firmware: 'x'.repeat(257) }), reject('wrong_type', 'firmware')],
    [sampleReading({ firmware: '\0' }), reject('wrong_type', 'firmware')],
    [sampleReading({ firmware: '\udc00' }), reject('wrong_type', 'firmware')],
    [sampleReading(status({ code: {} })), reject('wrong_type', 'status.code')],
    [sampleReading(status({ message: '\ud83d' })), reject('wrong_type', 'status.message')],
    [sampleReading({ location: null }), reject('wrong_type', 'location')],
    [sampleReading({ location: { lat: 90.1, lon: 0 } }), reject('wrong_type', 'location')],
    [sampleReading({ location: { lat: 1, lon: '2' } }), reject('wrong_type', 'location')],
    [sampleReading({ tags: ['a'] }), reject('wrong_type', 'tags')],
    [sampleReading({ tags: { a: 1 } }), reject('wrong_type', 'tags')],
    [sampleReading({ tags: { 'a\0': 'b' } }), reject('wrong_type', 'tags')],
    [sampleReading({ tags: { a: '\ud800' } }), reject('wrong_type', 'tags')],
    [sampleReading(tags(17)), reject('wrong_type', 'tags')],
  ];
  for (const [reading, complaint, topic] of cases) {
    const shown = typeof reading === 'string' ? reading.slice(0, 40) : JSON.stringify(reading).slice(0, 60);
    it(`${complaint.reason} ${complaint.field ?? ''}: ${topic ?? ''} ${shown}`, () => {
      const batch = new Batch(1);
      assert.deepEqual(add(reading, topic, batch), complaint);
      assert.equal(batch.rows, 0);
      assert.equal(batch.extra.size, 0);
      assert.equal(batch.contexts.size, 0);
    });
  }

  it('does not make the next good one suspect', () => {
    const parser = sampleParser();
    const batch = new Batch(2);
    add(sampleReading({ tags: 1 }), TURBINE_TOPIC, batch, parser);
    add(sampleReading(), TURBINE_TOPIC, batch, parser);
    assert.equal(batch.suspects, 0);
  });
});

describe('unknown metrics', () => {
  it('are kept as JSON beside the known ones', () => {
    const batch = new Batch(1);
    assert.equal(
      add(sampleReading({ metrics: { rpm: 1, oddity: 1.5, ünï: -0.25 } }), TURBINE_TOPIC, batch),
      null,
    );
    assert.equal(batch.extra.get(0), '{"oddity":1.5,"ünï":-0.25}');
    assert.equal(batch.metrics[0], 1);
  });

  it('may be the only ones, up to 32', () => {
    const metrics = Object.fromEntries(Array.from({ length: 32 }, (_, i) => [`extra_${i}`, i]));
    assert.equal(add(sampleReading({ metrics })), null);
  });

  it('are kept whatever their name is', () => {
    const batch = new Batch(1);
    const payload = JSON.stringify(sampleReading()).replace('"rpm"', '"__proto__":4,"constructor":5,"rpm"');
    assert.equal(add(payload, TURBINE_TOPIC, batch), null);
    assert.equal(batch.extra.get(0), '{"__proto__":4,"constructor":5}');
  });
});
