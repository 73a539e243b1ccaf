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
import type { Variant } from './agent.ts';
import { Simulation } from './simulation.ts';
import { describeTransitions, TRANSITIONS_FILE } from './transitions.ts';
import { BROKEN, PRODUCTION } from './variants.ts';

const { values } = parseArgs({
  options: {
    seed: { type: 'string' },
    seeds: { type: 'string', default: '1-1000' },
    variant: { type: 'string' },
    'write-transitions': { type: 'boolean', default: false },
  },
});

function chosenVariant(): Variant {
  if (values.variant === undefined) return PRODUCTION;
  const variant = BROKEN[values.variant];
  if (variant === undefined) throw new Error(`variants are ${Object.keys(BROKEN).join(', ')}`);
  return variant;
}

function replay(seed: number): void {
  const outcome = new Simulation({ seed, variant: chosenVariant(), keepsTranscript: true }).run();
  process.stdout.write(`${outcome.transcript.join('\n')}\n\n`);
  process.stdout.write(
    `${outcome.violation ?? 'everything held'}: ${outcome.acknowledged} rows acknowledged, epoch ${outcome.epoch}, ${outcome.simulatedMs / 1_000} s simulated\n`,
  );
  process.exitCode = outcome.violation === null ? 0 : 1;
}

function search(range: string): void {
  const [from, to] = range.split('-').map(Number);
  if (from === undefined || to === undefined || !(from <= to)) throw new Error('--seeds FROM-TO');
  const startedMs = monotonicMs();
  let failed = 0;
  let simulatedMs = 0;
  for (let seed = from; seed <= to; seed++) {
    const outcome = new Simulation({ seed, variant: chosenVariant() }).run();
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

if (values['write-transitions']) writeFileSync(TRANSITIONS_FILE, describeTransitions());
else if (values.seed !== undefined) replay(Number(values.seed));
else search(values.seeds);
