/** Questions of this browser session with their answers, the newest first; kept by the browser until its tab is closed. */
import type { AnswerBody } from '../../../src/rag/schemas.ts';
import { outline } from '../live/shapes.ts';
import { createStore } from '../live/store.ts';
import type { SourceName } from './query-address.ts';

export type HistoryEntry = {
  readonly question: string;
  readonly source: SourceName | null;
  readonly answer: AnswerBody;
};

export const HISTORY_MAX = 20;
const KEY = 'tier0.query.history';

const isEntry = outline<HistoryEntry>({ question: 'string', answer: 'object' });

/** With the entry first, once, and not too many. */
export function withEntry(entries: readonly HistoryEntry[], entry: HistoryEntry): HistoryEntry[] {
  const others = entries.filter(
    ({ question, source }) => question !== entry.question || source !== entry.source,
  );
  return [entry, ...others].slice(0, HISTORY_MAX);
}

/** What was kept; something else's text, or none, is an empty history. */
export function readHistory(text: string | null): HistoryEntry[] {
  if (text === null) return [];
  try {
    const kept: unknown = JSON.parse(text);
    return Array.isArray(kept)
      ? kept.filter((one): one is HistoryEntry => isEntry(one)).slice(0, HISTORY_MAX)
      : [];
  } catch {
    return [];
  }
}

const storage = typeof sessionStorage === 'undefined' ? null : sessionStorage;
export const historyStore = createStore<readonly HistoryEntry[]>(readHistory(storage?.getItem(KEY) ?? null));

function keep(entries: readonly HistoryEntry[]): void {
  historyStore.set(entries);
  try {
    storage?.setItem(KEY, JSON.stringify(entries));
  } catch (error) {
    // The browser has no room for it: this page still has the history, the next one of this tab does not.
    reportError(error);
  }
}

export const remember = (entry: HistoryEntry): void => keep(withEntry(historyStore.get(), entry));
export const forgetAll = (): void => keep([]);
