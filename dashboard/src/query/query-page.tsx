import { IgnoredNotice } from '../shell/notice.tsx';
import { usePageQuery } from '../shell/use-page-query.ts';
import { AnswerView } from './answer-view.tsx';
import { AskBox } from './ask-box.tsx';
import { CitationViewer } from './citation-viewer.tsx';
import { DocumentsPanel } from './documents-panel.tsx';
import { Examples } from './examples.tsx';
import { HistoryPanel } from './history-panel.tsx';
import { type Ask, formatAsk, parseAsk, type SourceName } from './query-address.ts';
import { useAsk } from './use-ask.ts';

/** A citation that opens or closes is no step of its own. */
const continues = (before: Ask, next: Ask): boolean =>
  before.question === next.question && before.source === next.source;
const ADDRESS = { path: '/query', parse: parseAsk, format: formatAsk, continues };

export default function QueryPage() {
  const { query, ignored, go } = usePageQuery(ADDRESS);
  const { asked, stop, again } = useAsk(query.question, query.source);
  const onAsk = (question: string, source: SourceName | null) =>
    go({ question: question === '' ? null : question, source, cite: null });
  const onCite = (n: number | null) => go({ ...query, cite: n });
  const answer = asked?.outcome.kind === 'answered' ? asked.outcome.answer : null;
  const open = answer?.citations.find(({ n }) => n === query.cite) ?? null;
  return (
    <div className="page query">
      <title>AI Query · Tier-0</title>
      <h1 className="visually-hidden">AI Query</h1>
      <AskBox
        question={query.question}
        source={query.source}
        running={asked?.outcome.kind === 'running'}
        onAsk={onAsk}
        onStop={stop}
      />
      <IgnoredNotice ignored={ignored} />
      <div className="query-columns">
        <div className="query-main">
          {asked === null ? (
            <Examples onPick={(question) => onAsk(question, null)} />
          ) : (
            <AnswerView
              asked={asked}
              open={query.cite}
              onCite={onCite}
              onAsk={(question) => onAsk(question, null)}
              onAgain={again}
            />
          )}
        </div>
        <aside className="query-side">
          <DocumentsPanel />
          <HistoryPanel onPick={({ question, source }) => onAsk(question, source)} />
        </aside>
      </div>
      {open === null ? null : <CitationViewer key={open.n} citation={open} onClose={() => onCite(null)} />}
    </div>
  );
}
