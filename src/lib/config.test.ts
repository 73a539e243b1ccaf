import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Type } from 'typebox';
import { CommonConfig, ConfigError, readConfig } from './config.ts';

const Schema = Type.Object({
  ...CommonConfig,
  laneCount: Type.Integer({ minimum: 1, maximum: 8, default: 2 }),
  ratio: Type.Number({ default: 0.5 }),
  strict: Type.Boolean({ default: false }),
});

describe('readConfig', () => {
  it('converts texts and fills defaults in', () => {
    const env = { TIER0_DATA_DIR: '/d', TIER0_PORT_OFFSET: '100', TIER0_RATIO: '2.5', TIER0_STRICT: 'true' };
    const expected = { dataDir: '/d', portOffset: 100, laneCount: 2, ratio: 2.5, strict: true };
    assert.deepEqual(readConfig(Schema, env), expected);
  });

  it('names every bad variable at once, a missing one too', () => {
    const env = { TIER0_PORT_OFFSET: 'x', TIER0_LANE_COUNT: '9', TIER0_STRICT: 'perhaps', TIER0_RATIO: '' };
    assert.throws(
      () => readConfig(Schema, env),
      (error) => {
        assert.ok(error instanceof ConfigError);
        for (const name of ['DATA_DIR', 'PORT_OFFSET', 'LANE_COUNT', 'STRICT', 'RATIO']) {
          assert.match(error.message, new RegExp(`TIER0_${name}\\b`));
        }
        return true;
      },
    );
  });

  for (const text of ['1.5', '0', '-1', '2x', 'NaN', '']) {
    it(`takes "${text}" for no number of lanes`, () => {
      assert.throws(
        () => readConfig(Schema, { TIER0_DATA_DIR: '/d', TIER0_LANE_COUNT: text }),
        /TIER0_LANE_COUNT/,
      );
    });
  }

  it('adds the rules between keys, all of them', () => {
    const rules = (): string[] => ['TIER0_A before TIER0_B', 'TIER0_C'];
    assert.throws(
      () => readConfig(Schema, { TIER0_DATA_DIR: '/d' }, rules),
      /TIER0_A before TIER0_B; TIER0_C/,
    );
  });
});
