import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DEVICE_TYPES, FLEET_SIZE, fleetDevice } from '../../lib/fleet.ts';
import { Random } from '../../lib/random.ts';
import { FleetModel } from './model.ts';

const NOON = Date.UTC(2026, 10, 16, 12);

/** Visits the whole fleet `rounds` times, 100 s apart, and hands over every reading of the last round. */
function lastRound(
  seed: number,
  rounds: number,
): { model: FleetModel; silent: number; states: Map<string, number> } {
  const model = new FleetModel(new Random(seed), NOON);
  const states = new Map<string, number>();
  let silent = 0;
  for (let round = 1; round <= rounds; round++) {
    for (let no = 1; no <= FLEET_SIZE; no++) {
      const reading = model.visit(no, NOON + round * 100_000);
      if (round < rounds) continue;
      if (reading === null) silent++;
      else states.set(reading.status.state, (states.get(reading.status.state) ?? 0) + 1);
    }
  }
  return { model, silent, states };
}

test('the same seed and the same visits give the same readings', () => {
  const draw = (): number[] => {
    const model = new FleetModel(new Random(5), NOON);
    return [1, 30_000, 60_000, 90_000].flatMap((no) => [...(model.visit(no, NOON + 1000)?.values ?? [])]);
  };
  assert.deepEqual(draw(), draw());
});

test('a few tenths of a percent warn or alert, some are silent, early and later', () => {
  for (const rounds of [1, 20]) {
    const { silent, states } = lastRound(3, rounds);
    const warn = (states.get('WARN') ?? 0) / FLEET_SIZE;
    const alert = (states.get('ALERT') ?? 0) / FLEET_SIZE;
    assert.ok(warn > 0.0005 && warn < 0.004, `WARN ${warn}`);
    assert.ok(alert > 0.0005 && alert < 0.004, `ALERT ${alert}`);
    assert.ok(silent / FLEET_SIZE > 0.002 && silent / FLEET_SIZE < 0.008, `silent ${silent}`);
  }
});

test('healthy values stay near nominal, and an alert shows in the metrics', () => {
  const model = new FleetModel(new Random(9), NOON);
  let alerts = 0;
  for (let no = 1; no <= FLEET_SIZE; no++) {
    const reading = model.visit(no, NOON + 1000);
    if (reading === null) continue;
    const { nominal } = DEVICE_TYPES[fleetDevice(no).typeIndex] ?? { nominal: [] };
    const ratios = nominal.map((value, m) => (reading.values[m] ?? Number.NaN) / value);
    assert.ok(ratios.every(Number.isFinite));
    if (reading.status.state === 'OK') {
      assert.ok(
        ratios.every((ratio) => ratio > 0.3 && ratio < 8),
        `${no}: ${ratios}`,
      );
    }
    if (reading.status.state !== 'ALERT') continue;
    alerts++;
    assert.ok(
      ratios.some((ratio) => Math.abs(ratio - 1) > 0.09),
      `${reading.status.code}: ${ratios}`,
    );
  }
  assert.ok(alerts > 0);
});

test('power follows fuel and speed from device to device', () => {
  const model = new FleetModel(new Random(2), NOON);
  const pairs: [number, number][] = [];
  for (let no = 1; no <= 5000; no++) {
    const reading = model.visit(no, NOON + 1000);
    if (reading?.status.state === 'OK') pairs.push([reading.values[5] ?? 0, reading.values[6] ?? 0]);
  }
  assert.ok(correlation(pairs) > 0.9);
});

test('a device that falls silent returns, and some never speak', () => {
  const model = new FleetModel(new Random(4), NOON);
  const spoke = new Uint8Array(FLEET_SIZE + 1);
  for (let hour = 0; hour < 12; hour++) {
    for (let no = 1; no <= FLEET_SIZE; no++) {
      if (model.visit(no, NOON + hour * 3_600_000) !== null) spoke[no] = 1;
    }
  }
  const never = FLEET_SIZE - spoke.reduce((sum, value) => sum + value, 0);
  assert.ok(never > 100 && never < 220, `${never} never spoke`);
});

function correlation(pairs: readonly (readonly [number, number])[]): number {
  const mean = (of: 0 | 1): number => pairs.reduce((sum, pair) => sum + pair[of], 0) / pairs.length;
  const [meanX, meanY] = [mean(0), mean(1)];
  let [xy, xx, yy] = [0, 0, 0];
  for (const [x, y] of pairs) {
    xy += (x - meanX) * (y - meanY);
    xx += (x - meanX) ** 2;
    yy += (y - meanY) ** 2;
  }
  return xy / Math.sqrt(xx * yy);
}
