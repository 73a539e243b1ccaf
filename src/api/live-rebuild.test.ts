import assert from 'node:assert/strict';
import { it } from 'node:test';
import type { Database } from '../lib/bounded-leader.ts';
import { monotonicMs, sleep } from '../lib/clock.ts';
import { rebuildFromStore } from './live-rebuild.ts';
import { LiveTable } from './live-table.ts';

const table = new LiveTable({ expectedIntervalS: 10, startedMs: 0 });
/** Three statements' worth. */
const DEVICES = Array.from({ length: 6_000 }, (_, i) => i + 1);
const STATEMENT_MS = 30;

/** Answers every statement after a while, with nothing; `asked` counts them. */
function slowDatabase(): { readonly db: Database; readonly asked: () => number } {
  let asked = 0;
  const query: Database['query'] = async () => {
    asked += 1;
    await sleep(STATEMENT_MS);
    return { rows: [], rowCount: 0, command: 'SELECT', oid: 0, fields: [] };
  };
  return { db: { query }, asked: () => asked };
}

it('a fill leaves the leader to others for the rest of its share of the time', async () => {
  const { db, asked } = slowDatabase();
  const startedMs = monotonicMs();
  const { signal } = new AbortController();
  assert.equal(await rebuildFromStore(db, table, DEVICES, { sinceMs: 0, duty: 0.25, signal }), 0);
  assert.equal(asked(), 3);
  // Two rests between three statements, each of three times a statement; a timer may be a millisecond early.
  const leastMs = 3 * STATEMENT_MS + 2 * 3 * STATEMENT_MS - 10;
  assert.ok(monotonicMs() - startedMs >= leastMs);
});

it('a fill that rests ends at once when it is told to', async () => {
  const { db, asked } = slowDatabase();
  const stop = new AbortController();
  const fill = rebuildFromStore(db, table, DEVICES, { sinceMs: 0, duty: 1e-6, signal: stop.signal });
  await sleep(2 * STATEMENT_MS);
  stop.abort();
  await fill;
  assert.equal(asked(), 1);
});
