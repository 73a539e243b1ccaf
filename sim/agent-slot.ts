/** A data region's place for an agent process: what its faults are, and when the next life begins. */
import type { Agent } from './agent.ts';
import type { World } from './world.ts';

export type AgentSlot = {
  agent: Agent | null;
  down: number;
  frozen: number;
  lateMs: number;
  stopping: boolean;
  startMs: number;
  /** Its monotonic clock: another origin, and a rate that is off by up to one percent. */
  readonly originMs: number;
  readonly rate: number;
};

export function newSlot(world: World): AgentSlot {
  return {
    agent: null,
    down: 0,
    frozen: 0,
    lateMs: 0,
    stopping: false,
    startMs: world.delayMs(1_000),
    originMs: world.random.int(1_000_000),
    rate: world.random.between(0.99, 1.01),
  };
}
