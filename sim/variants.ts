/** Broken agents: each leaves out one thing that safety rests on, and the simulation must catch it. */
import { decide } from '../src/agent/decide.ts';
import type { Variant } from './agent.ts';

export const PRODUCTION: Variant = { decide, sabotage: {} };
