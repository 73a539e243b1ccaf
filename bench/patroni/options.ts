/** Options of the measurement of Patroni. */
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { describeError, UsageError } from '../../src/lib/errors.ts';
import { MAX_PORT_OFFSET } from '../../src/lib/topology.ts';
import { wholeNumber } from '../../src/supervisor/config.ts';
import { CASES, type CaseName } from './drive.ts';
import type { TuningName } from './settings.ts';

export const HELP = `tier0 bench patroni: how long Patroni takes to fail over on this machine

  --runs N             runs of each case (3)
  --case NAME          node (its Patroni and PostgreSQL killed), postgres (the postmaster killed),
                       switchover (planned), or all (all)
  --tuning NAME        tuned (ttl 20, loop_wait 1, retry_timeout 3, primary_start_timeout 0),
                       default (30, 10, 10, 300), or both (both)
  --seed N             of the moments at which the faults come (random; it is printed)
  --install            install what is missing of Patroni from Debian first, its service left off
  --beside             afterwards the same cases as drills of a running Tier-0, and the ratio
  --data-dir DIR       of that instance (./.tier0)
  --port-offset N      of that instance (0)
  --json FILE          every run and its ledger
`;

export type Options = {
  readonly runs: number;
  readonly cases: readonly CaseName[];
  readonly tunings: readonly TuningName[];
  readonly seed: number | null;
  readonly install: boolean;
  readonly beside: { readonly dataDir: string; readonly portOffset: number } | null;
  readonly json: string | null;
};

/** null: the help was asked for. Throws UsageError for what is wrong. */
export function parseBenchOptions(args: string[]): Options | null {
  const values = valuesOf(args);
  if (values.help === true) return null;
  const whole = (name: 'runs' | 'seed' | 'port-offset', fallback: number, min: number, max: number): number =>
    wholeNumber(`--${name}`, values[name], fallback, min, max);
  const beside = {
    dataDir: resolve(values['data-dir'] ?? '.tier0'),
    portOffset: whole('port-offset', 0, 0, MAX_PORT_OFFSET),
  };
  if (values.beside !== true && (values['data-dir'] ?? values['port-offset']) !== undefined) {
    throw new UsageError('--data-dir and --port-offset say which Tier-0 runs beside: they need --beside');
  }
  return {
    runs: whole('runs', 3, 1, 100),
    cases: oneOf('--case', values.case ?? 'all', {
      all: CASES,
      node: ['node'],
      postgres: ['postgres'],
      switchover: ['switchover'],
    }),
    tunings: oneOf('--tuning', values.tuning ?? 'both', {
      both: ['tuned', 'default'],
      tuned: ['tuned'],
      default: ['default'],
    }),
    seed: values.seed === undefined ? null : whole('seed', 0, 0, 2 ** 32 - 1),
    install: values.install === true,
    beside: values.beside === true ? beside : null,
    json: values.json ?? null,
  };
}

function valuesOf(args: string[]) {
  try {
    return parseArgs({
      args,
      options: {
        help: { type: 'boolean' },
        runs: { type: 'string' },
        case: { type: 'string' },
        tuning: { type: 'string' },
        seed: { type: 'string' },
        install: { type: 'boolean' },
        beside: { type: 'boolean' },
        'data-dir': { type: 'string' },
        'port-offset': { type: 'string' },
        json: { type: 'string' },
      },
    }).values;
  } catch (error) {
    throw new UsageError(describeError(error));
  }
}

function oneOf<T>(name: string, text: string, choices: Readonly<Record<string, T>>): T {
  const value = Object.hasOwn(choices, text) ? choices[text] : undefined;
  if (value === undefined) {
    throw new UsageError(`${name} takes ${Object.keys(choices).join(', ')}, not "${text}"`);
  }
  return value;
}
