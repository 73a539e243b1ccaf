import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type Partition, planPartitions } from './partitions.ts';

const HOUR_MS = 3_600_000;
const rules = { widthMs: HOUR_MS, retentionMs: 10 * HOUR_MS, limitBytes: 1_000 };
const NOW_MS = 100.5 * HOUR_MS;

/** Hourly partitions of the given hours, `bytes` each. */
const hours = (list: readonly number[], bytes = 1): Partition[] =>
  list.map((hour) => ({ name: `h${hour}`, fromMs: hour * HOUR_MS, toMs: (hour + 1) * HOUR_MS, bytes }));

const dropped = (partitions: readonly Partition[], limitBytes = 1_000): string[] =>
  planPartitions(partitions, { ...rules, limitBytes }, NOW_MS).drop.map(
    ({ partition, reason }) => `${partition.name} ${reason}`,
  );

describe('partitions', () => {
  it('are made for now and the next two', () => {
    const moments = (partitions: Partition[]) =>
      planPartitions(partitions, rules, NOW_MS).create.map((moment) => Math.floor(moment / HOUR_MS));
    assert.deepEqual(moments([]), [100, 101, 102]);
    assert.deepEqual(moments(hours([100, 101])), [102]);
    assert.deepEqual(moments(hours([100, 101, 102])), []);
  });

  it('are not made where one of another width stands', () => {
    const wide = { name: 'wide', fromMs: 96 * HOUR_MS, toMs: 102 * HOUR_MS, bytes: 1 };
    assert.equal(planPartitions([wide], rules, NOW_MS).create.length, 1);
  });

  it('go when all of them is older than the retention, whatever their order in the list', () => {
    assert.deepEqual(dropped(hours([90, 88, 89, 100])), ['h88 retention', 'h89 retention']);
  });

  it('go oldest first while the readings occupy too much', () => {
    assert.deepEqual(dropped(hours([97, 98, 99, 100], 400), 1_000), [
      'h97 storage_limit',
      'h98 storage_limit',
    ]);
    assert.deepEqual(dropped(hours([97, 98, 99, 100], 400), 1_600), []);
  });

  it('stay when they are current or ahead, however large', () => {
    assert.deepEqual(dropped(hours([100, 101, 102], 5_000)), []);
    assert.deepEqual(dropped(hours([99, 100, 101], 5_000)), ['h99 storage_limit']);
  });
});
