/**
 * Outlives a test process that is killed and ends the system that it leaves behind. The data directory comes
 * as a line on stdin, not as an argument, so that the guard does not look like a part of the instance.
 */
import { text } from 'node:stream/consumers';
import { endInstance } from './instance-processes.ts';

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {});
// The pipe ends when the test process has stopped the system itself, or is gone.
const dataDir = (await text(process.stdin)).trim();
if (dataDir !== '') await endInstance(dataDir);
