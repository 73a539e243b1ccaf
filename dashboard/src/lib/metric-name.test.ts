import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DEVICE_TYPES } from '../../../src/lib/fleet.ts';
import { metricName } from './metric-name.ts';

test('units come off the end of the name, the longest first', () => {
  assert.deepEqual(metricName('inlet_temp_c'), { label: 'Inlet temp', unit: '°C' });
  assert.deepEqual(metricName('vibration_mm_s'), { label: 'Vibration', unit: 'mm/s' });
  assert.deepEqual(metricName('fuel_rate_l_h'), { label: 'Fuel rate', unit: 'l/h' });
  assert.deepEqual(metricName('battery_soc_pct'), { label: 'Battery charge', unit: '%' });
});

test('an unknown metric keeps all its words', () => {
  assert.deepEqual(metricName('blade_count'), { label: 'Blade count', unit: '' });
});

test('only the power factor of the known metrics is without a unit', () => {
  const bare = DEVICE_TYPES.flatMap((info) => info.metrics).filter((name) => metricName(name).unit === '');
  assert.deepEqual(bare, ['power_factor']);
});
