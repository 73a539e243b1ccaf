/** Reporter of one test file: its results as JSON lines on file descriptor 3, which test/file.ts reads. */
import { writeSync } from 'node:fs';
import type { EventData } from 'node:test';
import type { TestEvent } from 'node:test/reporters';
import { inspect } from 'node:util';

export type Outcome = 'pass' | 'fail' | 'skip';
export type FileEvent =
  | { readonly kind: 'start'; readonly name: string }
  | {
      readonly kind: Outcome;
      readonly name: string;
      readonly durationMs: number;
      /** Stack and difference of what failed, or why it was skipped. */
      readonly detail: string;
    }
  /** Every test has reported: without it, the file ended in the middle. */
  | { readonly kind: 'end' };

const RESULTS_FD = 3;
const names = new Map<number, string>();

const nameOf = (test: { readonly testId: number; readonly name: string }): string =>
  names.get(test.testId) ?? test.name;

function send(event: FileEvent): void {
  writeSync(RESULTS_FD, `${JSON.stringify(event)}\n`);
}

/** A parent that failed only because of its subtests has nothing to add to what they reported. */
function failedBySubtests(error: Error): boolean {
  return 'failureType' in error && error.failureType === 'subtestsFailed';
}

function reportPass(name: string, { details, skip }: EventData.TestPass): void {
  if (details.type === 'suite') return;
  const kind = skip === undefined || skip === false ? 'pass' : 'skip';
  send({ kind, name, durationMs: details.duration_ms, detail: typeof skip === 'string' ? skip : '' });
}

function reportFailure(name: string, { details }: EventData.TestFail): void {
  const { error, duration_ms: durationMs } = details;
  if (failedBySubtests(error)) return;
  send({ kind: 'fail', name, durationMs, detail: inspect(error.cause ?? error, { depth: 8 }) });
}

function report({ type, data }: TestEvent): void {
  if (type === 'test:enqueue') {
    const parent = data.parentId === undefined ? undefined : names.get(data.parentId);
    names.set(data.testId, parent === undefined ? data.name : `${parent} › ${data.name}`);
  }
  if (type === 'test:dequeue') send({ kind: 'start', name: nameOf(data) });
  if (type === 'test:pass') reportPass(nameOf(data), data);
  if (type === 'test:fail') reportFailure(nameOf(data), data);
}

export default async function* events(source: AsyncIterable<TestEvent>): AsyncGenerator<string> {
  for await (const event of source) report(event);
  send({ kind: 'end' });
  yield '';
}
