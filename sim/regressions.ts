/**
 * What the simulation has found in production's agent. Each entry puts its bug back as a variant: its seed must
 * still fail with it and hold without it. A change of the model changes what a seed draws; then
 * `npm run sim -- --variant NAME --seeds 1-5000` finds the next seed.
 */
export type Regression = { readonly seed: number; readonly variant: string; readonly found: string };

export const REGRESSIONS: readonly Regression[] = [
  {
    seed: 0,
    variant: 'grow-unrecorded',
    found:
      'A write of strict that its leader had given up happened after commits had stopped waiting for the peer: the record promised what nobody kept (hazard H9).',
  },
  {
    seed: 0,
    variant: 'wait-for-stuck-standby',
    found:
      'A rewound standby whose leader had recycled the WAL up to the end of the rewind never let anybody in, and was waited for without end.',
  },
  {
    seed: 0,
    variant: 'initialise-in-place',
    found:
      'An agent that died during the first initdb left half a directory that looked stopped; it was started, in vain, for ever.',
  },
];
