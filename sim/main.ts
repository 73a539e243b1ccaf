/**
 * `npm run sim`: replays or searches runs of the simulation.
 *
 *   --seed N             one run, with its transcript
 *   --seeds FROM-TO      many runs, naming those that fail (1-1000)
 *   --variant NAME       a broken agent of variants.ts instead of production's
 *   --write-transitions  writes docs/failover-transitions.md
 */
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { monotonicMs } from '../src/lib/clock.ts';
import { describeError, UsageError } from '../src/lib/errors.ts';
import { wholeNumber } from '../src/supervisor/config.ts';
import type { Variant } from './agent.ts';
import { Simulation } from './simulation.ts';
import { describeTransitions, TRANSITIONS_FILE } from './transitions.ts';
import { BROKEN, PRODUCTION } from './variants.ts';

function parsed() {
  try {
    const { values } = parseArgs({
      options: {
        seed: { type: 'string' },
        seeds: { type: 'string', default: '1-1000' },
        variant: { type: 'string' },
        'write-transitions': { type: 'boolean', default: false },
      },
    });
    return values;
  } catch (error) {
    throw new UsageError(describeError(error));
  }
}

function variantNamed(name: string | undefined): Variant {
  if (name === undefined) return PRODUCTION;
  const variant = BROKEN[name];
  if (variant === undefined) {
    throw new UsageError(`--variant takes one of: ${Object.keys(BROKEN).join(', ')}; not "${name}"`);
  }
  return variant;
}

const seedOf = (option: string, text: string): number => wholeNumber(option, text, 0, 0, 999_999_999);

function replay(seed: number, variant: Variant): void {
  const outcome = new Simulation({ seed, variant, keepsTranscript: true }).run();
  process.stdout.write(`${outcome.transcript.join('\n')}\n\n`);
  process.stdout.write(
    `${outcome.violation ?? 'everything held'}: ${outcome.acknowledged} rows acknowledged, epoch ${outcome.epoch}, ${outcome.simulatedMs / 1_000} s simulated\n`,
  );
  process.exitCode = outcome.violation === null ? 0 : 1;
}

function search(range: string, variant: Variant): void {
  const [first = '', last = first] = range.split('-');
  const [from, to] = [seedOf('--seeds', first), seedOf('--seeds', last)];
  if (from > to) throw new UsageError(`--seeds FROM-TO: ${from} is above ${to}`);
  const startedMs = monotonicMs();
  let failed = 0;
  let simulatedMs = 0;
  for (let seed = from; seed <= to; seed++) {
    const outcome = new Simulation({ seed, variant }).run();
    simulatedMs += outcome.simulatedMs;
    if (outcome.violation === null) continue;
    failed++;
    process.stdout.write(`seed ${seed}: ${outcome.violation}\n`);
  }
  const seconds = (monotonicMs() - startedMs) / 1_000;
  process.stdout.write(
    `${to - from + 1} seeds, ${failed} failed, ${(simulatedMs / 3_600_000).toFixed(1)} h simulated in ${seconds.toFixed(1)} s\n`,
  );
  process.exitCode = failed === 0 ? 0 : 1;
}

function main(): void {
  const values = parsed();
  const variant = variantNamed(values.variant);
  if (values['write-transitions']) writeFileSync(TRANSITIONS_FILE, describeTransitions());
  else if (values.seed !== undefined) replay(seedOf('--seed', values.seed), variant);
  else search(values.seeds, variant);
}

try {
  main();
} catch (error) {
  if (!(error instanceof UsageError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 2;
}
