/** `npm run check`: every check of the repository, also after one has failed, and a summary. */
import { fileURLToPath } from 'node:url';
import { monotonicMs } from '../src/lib/clock.ts';
import { CHECKS, runCheck } from './checks.ts';
import { type Result, runFile } from './file.ts';

/** Checks that are written as tests. */
const RULES = ['test/tidy.test.ts', 'test/links.test.ts'];
const RULES_LIMIT_S = 60;

const root = fileURLToPath(new URL('..', import.meta.url));
const stopping = new AbortController();
for (const name of ['SIGHUP', 'SIGINT', 'SIGTERM'] as const) process.on(name, () => stopping.abort());

const results: Result[] = [];
function onResult(result: Result): void {
  results.push(result);
  if (result.outcome !== 'fail') return;
  process.stdout.write(`✖ ${result.title}\n${result.detail.replace(/^/gm, '    ')}\n\n`);
}

const startedMs = monotonicMs();
for (const check of CHECKS) onResult(await runCheck(root, check, stopping.signal));
for (const file of RULES) {
  await runFile({ root, file, limitS: RULES_LIMIT_S, signal: stopping.signal, onResult });
}
for (const { outcome, title } of results)
  process.stdout.write(`${outcome === 'fail' ? '✖' : '✔'} ${title}\n`);
const failed = results.filter(({ outcome }) => outcome === 'fail').length;
const seconds = ((monotonicMs() - startedMs) / 1000).toFixed(1);
process.stdout.write(
  failed === 0
    ? `all ${results.length} checks hold (${seconds} s)\n`
    : `${failed} of ${results.length} checks fail (${seconds} s)\n`,
);
process.exitCode = failed === 0 ? 0 : 1;
