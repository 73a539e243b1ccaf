/** The checks of the repository that are programs of their own; those that are tests stand in *.test.ts. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { monotonicMs } from '../src/lib/clock.ts';
import type { Result } from './file.ts';

const run = promisify(execFile);
const CHECK_LIMIT_MS = 60_000;
const KEPT_OUTPUT_BYTES = 4 * 1024 * 1024;

type Check = { readonly name: string; readonly script: string; readonly args: readonly string[] };

/** Scripts of installed packages, relative to node_modules. */
export const CHECKS: readonly Check[] = [
  { name: 'types', script: 'typescript/bin/tsc', args: ['-p', '.'] },
  { name: 'types of the dashboard', script: 'typescript/bin/tsc', args: ['-p', 'dashboard'] },
  {
    name: 'format and lint',
    script: '@biomejs/biome/bin/biome',
    args: ['check', '--error-on-warnings', '.'],
  },
  { name: 'unused files, exports and dependencies', script: 'knip/bin/knip.js', args: ['--no-progress'] },
];

function outputOf(error: Error): string {
  const text = ['stdout', 'stderr'].map((key) => (key in error ? String(Reflect.get(error, key)) : ''));
  return text.join('\n').trim() || error.message;
}

/** Runs one check; it never throws for what the check finds. */
export async function runCheck(root: string, check: Check, signal: AbortSignal): Promise<Result> {
  const startedMs = monotonicMs();
  const finish = (outcome: 'pass' | 'fail', detail: string): Result => ({
    title: `check › ${check.name}`,
    outcome,
    durationMs: monotonicMs() - startedMs,
    detail,
  });
  try {
    await run(process.execPath, [join(root, 'node_modules', check.script), ...check.args], {
      cwd: root,
      signal,
      timeout: CHECK_LIMIT_MS,
      maxBuffer: KEPT_OUTPUT_BYTES,
    });
    return finish('pass', '');
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    return finish('fail', outputOf(error));
  }
}
