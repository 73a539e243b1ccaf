/**
 * What the simulation has found in production's agent. Each entry puts its bug back as a variant: its seed must
 * still fail with it, and hold without it. A change of the model changes what a seed draws; then
 * `npm run sim -- --variant NAME --seeds 1-5000` finds the next seed.
 */
import type { DataRegion } from '../src/lib/topology.ts';
import type { Fault } from './faults.ts';

export type Regression = {
  readonly seed: number;
  /** Instead of those that the seed would draw. */
  readonly faults?: readonly Fault[];
  readonly variant: string;
  readonly found: string;
};

export function fault(kind: Fault['kind'], region: DataRegion, atMs: number, forMs: number): Fault {
  return { kind, region, atMs, forMs, member: region, other: 'witness' };
}

export const REGRESSIONS: readonly Regression[] = [
  {
    seed: 83,
    faults: [
      fault('late record writes', 'region1', 4_000, 14_900),
      ...[5_000, 7_500, 10_000, 12_500, 15_000].map((atMs) =>
        fault('freeze postgres', 'region2', atMs, 1_300),
      ),
    ],
    variant: 'grow-unrecorded',
    found:
      'A write of strict that its leader had given up happened after commits had stopped waiting for the peer: the record promised what nobody kept (hazard H9).',
  },
  {
    seed: 186,
    variant: 'wait-for-stuck-standby',
    found:
      'A rewound standby whose leader had recycled the WAL up to the end of the rewind never let anybody in, and was waited for without end.',
  },
  {
    seed: 1,
    faults: [150, 800, 1_450].map((atMs) => fault('kill agent', 'region1', atMs, 20)),
    variant: 'initialise-in-place',
    found:
      'An agent that died during the first initdb left half a directory that looked stopped; it was started, in vain, for ever.',
  },
];
