/**
 * Runs the tests: unit tests side by side, then system tests one file at a time, each in its own process.
 * Prints each result as it comes and ends with the line `N passed, N failed`.
 *
 *   --unit            only the tests that start no system
 *   --checks          the checks of the repository first (the CI's way)
 *   --limit-s=N       seconds that a file may take (600)
 *   <path…>           only these files, or what lies below these folders
 */
import { globSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { relative, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { CHECKS, runCheck } from './checks.ts';
import { type Result, runFile } from './file.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const UNIT_TESTS = [
  'src/**/*.test.ts',
  'bench/**/*.test.ts',
  'sim/**/*.test.ts',
  'dashboard/src/**/*.test.ts',
  'test/*.test.ts',
];
const SYSTEM_TESTS = ['test/system/**/*.test.ts'];
/** Lines of a failure that the summary repeats. */
const FAILURE_LINES = 12;
const UNIT_FILES_AT_ONCE = Math.min(4, availableParallelism());
const MARKS = { pass: '✔', fail: '✖', skip: '-' } as const;

const { values, positionals } = parseArgs({
  options: {
    unit: { type: 'boolean', default: false },
    checks: { type: 'boolean', default: false },
    'limit-s': { type: 'string', default: '600' },
  },
  allowPositionals: true,
});
const limitS = Number(values['limit-s']);
const wanted = positionals.map((path) => relative(root, resolve(path)));
const stopping = new AbortController();
const results: Result[] = [];

function formatDuration(ms: number): string {
  return ms < 1000 ? `${ms.toFixed(ms < 10 ? 1 : 0)} ms` : `${(ms / 1000).toFixed(1)} s`;
}

function onResult(result: Result): void {
  results.push(result);
  const { title, outcome, durationMs, detail } = result;
  const reason = outcome === 'skip' && detail !== '' ? `: skipped, ${detail}` : '';
  process.stdout.write(`${MARKS[outcome]} ${title} (${formatDuration(durationMs)})${reason}\n`);
  if (outcome === 'fail') process.stdout.write(`${detail.replace(/^/gm, '    ')}\n`);
}

function filesOf(patterns: readonly string[]): string[] {
  const isWanted = (file: string): boolean =>
    wanted.length === 0 || wanted.some((path) => file === path || path === '' || file.startsWith(path + sep));
  return globSync([...patterns], { cwd: root })
    .filter(isWanted)
    .sort();
}

/** Runs the files with at most `atOnce` side by side, in order; starts none once stopping. */
async function runFiles(files: readonly string[], atOnce: number): Promise<void> {
  const queue = files.values();
  const worker = async (): Promise<void> => {
    for (const file of queue) {
      if (stopping.signal.aborted) return;
      await runFile({ root, file, limitS, signal: stopping.signal, onResult });
    }
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
}

function summarize(): void {
  const count = (outcome: Result['outcome']): number => results.filter((r) => r.outcome === outcome).length;
  const failed = results.filter(({ outcome }) => outcome === 'fail');
  if (failed.length > 0) process.stdout.write('\nFailed:\n');
  // Once more with the reason: a CI that keeps only the end of the output keeps it.
  for (const { title, detail } of failed) {
    const reason = detail.split('\n').slice(0, FAILURE_LINES).join('\n').replace(/^/gm, '      ');
    process.stdout.write(`  ${title}\n${reason}\n`);
  }
  const skipped = count('skip') === 0 ? '' : `, ${count('skip')} skipped`;
  process.stdout.write(`\n${count('pass')} passed, ${failed.length} failed${skipped}\n`);
  if (failed.length > 0 || count('pass') === 0) process.exitCode ??= 1;
}

for (const [name, number] of [
  ['SIGHUP', 1],
  ['SIGINT', 2],
  ['SIGTERM', 15],
] as const) {
  process.on(name, () => {
    process.stdout.write(`stopping the tests (${name})\n`);
    process.exitCode = 128 + number;
    stopping.abort();
  });
}
const unitFiles = filesOf(UNIT_TESTS);
const systemFiles = values.unit ? [] : filesOf(SYSTEM_TESTS);
if (wanted.length > 0 && unitFiles.length + systemFiles.length === 0) {
  process.stderr.write(`no test file matches ${positionals.join(' ')}\n`);
}
if (values.checks) {
  for (const check of CHECKS) onResult(await runCheck(root, check, stopping.signal));
}
await runFiles(unitFiles, UNIT_FILES_AT_ONCE);
await runFiles(systemFiles, 1);
summarize();
