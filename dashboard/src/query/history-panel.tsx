import { useStore } from '../live/store.ts';
import { forgetAll, type HistoryEntry, historyStore } from './history.ts';

/** Earlier questions of this tab; a click shows the answer again. */
export function HistoryPanel({ onPick }: { onPick: (entry: HistoryEntry) => void }) {
  const entries = useStore(historyStore);
  if (entries.length === 0) return null;
  return (
    <section className="panel" aria-label="Earlier questions">
      <header className="panel-head">
        <h2>Earlier questions</h2>
        <button type="button" className="button history-clear" onClick={forgetAll}>
          Clear
        </button>
      </header>
      <ul className="examples">
        {entries.map((entry) => (
          <li key={`${entry.source} ${entry.question}`}>
            <button type="button" className="example" onClick={() => onPick(entry)}>
              {entry.question}
              <span className="faint history-answer">{entry.answer.answer}</span>
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}
