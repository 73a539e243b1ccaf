import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import type { Variant } from './agent.ts';
import type { Fault } from './faults.ts';
import { fault, REGRESSIONS } from './regressions.ts';
import { type Options, type Outcome, Simulation } from './simulation.ts';
import { describeTransitions, TRANSITIONS_FILE } from './transitions.ts';
import { BROKEN, PRODUCTION } from './variants.ts';

const SEEDS = 4_000;
/** Within so many seeds each broken variant must be caught; those of the regressions have seeds of their own. */
const SEEDS_TO_CATCH = 800;

const run = (options: Omit<Options, 'variant'>, variant: Variant = PRODUCTION): Outcome =>
  new Simulation({ ...options, variant }).run();

function variantNamed(name: string): Variant {
  const variant = BROKEN[name];
  assert.ok(variant !== undefined, `no variant ${name}`);
  return variant;
}

describe('production', () => {
  test(`no acknowledged write is lost or doubled, and every fault is recovered from, in ${SEEDS} runs`, () => {
    const failed: string[] = [];
    let epochs = 0;
    for (let seed = 1; seed <= SEEDS; seed++) {
      const { violation, epoch } = run({ seed });
      epochs += epoch - 1;
      if (violation !== null) failed.push(`${violation}; see: npm run sim -- --seed ${seed}`);
    }
    assert.deepEqual(failed, []);
    assert.ok(epochs > SEEDS / 4, `only ${epochs} changes of leader: the faults are too tame`);
  });

  test('a seed gives the same run again', () => {
    const [first, again] = [1, 2].map(() => run({ seed: 7, keepsTranscript: true }));
    assert.deepEqual(first, again);
    assert.ok((first?.transcript.length ?? 0) > 20);
  });
});

describe('an operation that is cut short at any step is finished by a fresh agent', () => {
  const OPERATIONS: Readonly<Record<string, readonly Fault[]>> = {
    'bootstrap and grow': [],
    'takeover, rejoin and grow': [fault('kill region', 'region1', 6_000, 3_000)],
    'shrink and grow': [fault('freeze postgres', 'region2', 6_000, 2_500)],
    switchover: [fault('switchover', 'region2', 6_000, 10)],
    'takeover of a hung leader, fenced': [fault('freeze postgres', 'region1', 6_000, 4_000)],
    'copy of a standby that lacks WAL': [
      fault('kill region', 'region2', 6_000, 4_000),
      fault('recycle WAL', 'region1', 9_500, 10),
    ],
  };
  for (const [name, faults] of Object.entries(OPERATIONS)) {
    for (const kills of ['agent', 'region'] as const) {
      test(`${name}; the ${kills} is killed`, () => {
        for (const seed of [1, 2, 3]) {
          const { steps, violation } = run({ seed, faults });
          assert.equal(violation, null);
          assert.ok(steps > 30, `only ${steps} steps`);
          for (let step = 0; step < steps; step++) {
            const outcome = run({ seed, faults, killAt: { step, kills } });
            assert.equal(outcome.violation, null, `seed ${seed}, ${kills} killed before step ${step}`);
          }
        }
      });
    }
  }
});

describe('a broken agent is caught', () => {
  const ofRegressions = new Set(REGRESSIONS.map(({ variant }) => variant));
  for (const name of Object.keys(BROKEN).filter((candidate) => !ofRegressions.has(candidate))) {
    test(`${name}, within ${SEEDS_TO_CATCH} runs`, () => {
      const variant = variantNamed(name);
      let seed = 1;
      while (seed <= SEEDS_TO_CATCH && run({ seed }, variant).violation === null) seed++;
      assert.ok(seed <= SEEDS_TO_CATCH, 'not caught');
    });
  }
});

describe('what was found stays fixed', () => {
  for (const { seed, faults, variant, found } of REGRESSIONS) {
    test(found, () => {
      const options = faults === undefined ? { seed } : { seed, faults };
      assert.notEqual(
        run(options, variantNamed(variant)).violation,
        null,
        'the seed no longer shows the bug',
      );
      assert.equal(run(options).violation, null);
    });
  }
});

test('docs/failover-transitions.md is up to date (npm run sim -- --write-transitions)', () => {
  assert.equal(readFileSync(TRANSITIONS_FILE, 'utf8'), describeTransitions());
});
