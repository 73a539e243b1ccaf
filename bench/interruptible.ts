/** For benches that start processes of their own: what stops them lets them end those first. */
import { describeError } from '../src/lib/errors.ts';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
/** 128 and the number of SIGINT, as a shell has it. */
const EXIT_INTERRUPTED = 130;

/** The exit code of `work`, whose signal aborts when the process is told to stop; then its errors are not ours. */
export async function interruptible(work: (signal: AbortSignal) => Promise<number>): Promise<number> {
  const stopping = new AbortController();
  const stop = (name: NodeJS.Signals): void => stopping.abort(new Error(`stopped by ${name}`));
  for (const name of SIGNALS) process.on(name, stop);
  try {
    return await work(stopping.signal);
  } catch (error) {
    if (!stopping.signal.aborted) throw error;
    process.stderr.write(`tier0: ${describeError(stopping.signal.reason)}\n`);
    return EXIT_INTERRUPTED;
  } finally {
    for (const name of SIGNALS) process.off(name, stop);
  }
}
