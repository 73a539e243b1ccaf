import { constants, getPriority, setPriority } from 'node:os';

const { PRIORITY_HIGHEST, PRIORITY_LOW } = constants.priority;

/**
 * Starts a process `steps` nicer than this one (negative: less nice, so that the processor is its own sooner).
 * A child has the priority of the thread that starts it, from its first instruction and for all its threads. Only
 * root may take a step back, so for anybody else the process starts as nice as this one.
 */
export function withPriority<T>(steps: number, start: () => T): T {
  if (steps === 0 || process.getuid?.() !== 0) return start();
  const own = getPriority();
  setPriority(Math.max(PRIORITY_HIGHEST, Math.min(PRIORITY_LOW, own + steps)));
  try {
    return start();
  } finally {
    setPriority(own);
  }
}
