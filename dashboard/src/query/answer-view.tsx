import type { AnswerBody } from '../../../src/rag/schemas.ts';
import { formatMs } from '../lib/format.ts';
import { Notice } from '../shell/notice.tsx';
import { AnswerText } from './answer-text.tsx';
import { CitationList } from './citation-list.tsx';
import { DataTable } from './data-table.tsx';
import type { Asked } from './use-ask.ts';

const confidenceWord = (confidence: number): string =>
  confidence >= 0.8 ? 'high' : confidence >= 0.5 ? 'fair' : 'low';

function Facts({ answer }: { answer: AnswerBody }) {
  const how = answer.synthesized
    ? 'Written by Cohere from the sources that are cited'
    : answer.data === null
      ? 'Answered here, by quotation'
      : 'Answered here, by a fixed query';
  return (
    <p className="answer-facts">
      {how} · confidence {confidenceWord(answer.confidence)} ({Math.round(answer.confidence * 100)} %) ·{' '}
      {formatMs(answer.query_time_ms)}
      <br />
      {answer.routing_reason}
    </p>
  );
}

function Suggestions(props: { suggestions: readonly string[]; onAsk: (question: string) => void }) {
  if (props.suggestions.length === 0) return null;
  return (
    <ul className="examples">
      {props.suggestions.map((suggestion) =>
        suggestion.endsWith('.') ? (
          <li key={suggestion} className="suggestion">
            {suggestion}
          </li>
        ) : (
          <li key={suggestion}>
            <button type="button" className="example" onClick={() => props.onAsk(suggestion)}>
              {suggestion}
            </button>
          </li>
        ),
      )}
    </ul>
  );
}

function Answered(props: {
  answer: AnswerBody;
  open: number | null;
  onCite: (n: number) => void;
  onAsk: (question: string) => void;
}) {
  const { answer, open, onCite, onAsk } = props;
  return (
    <>
      {answer.fallback_reason === undefined ? null : (
        <Notice tone="warn" title="Answered locally">
          {answer.fallback_reason}
        </Notice>
      )}
      <div className={`answer ${answer.refused ? 'answer-refused' : ''}`}>
        {answer.refused ? <strong className="answer-mark">No answer found</strong> : null}
        <AnswerText text={answer.answer} citations={answer.citations.length} open={open} onCite={onCite} />
        <Suggestions suggestions={answer.suggestions} onAsk={onAsk} />
        <Facts answer={answer} />
      </div>
      <CitationList citations={answer.citations} open={open} onCite={onCite} />
      {(answer.data ?? []).map((data) => (
        <DataTable key={`${data.source} ${data.title}`} data={data} />
      ))}
    </>
  );
}

/** The answer as far as it is known. Only the whole one is read out, not each of its words. */
export function AnswerView(props: {
  asked: Asked;
  open: number | null;
  onCite: (n: number) => void;
  onAsk: (question: string) => void;
  onAgain: () => void;
}) {
  const { asked, open, onCite, onAsk, onAgain } = props;
  const { outcome } = asked;
  const again = (
    <button type="button" className="button" onClick={onAgain}>
      Ask again
    </button>
  );
  return (
    <section className="panel answer-panel" aria-label="Answer" aria-busy={outcome.kind === 'running'}>
      <h2 className="answer-question">{asked.question}</h2>
      <div className="visually-hidden" aria-live="polite">
        {outcome.kind === 'answered' ? outcome.answer.answer : ''}
      </div>
      {outcome.kind === 'running' ? (
        <div className="answer answer-running">
          <p className="answer-text">{asked.text}</p>
          <p className="answer-facts">
            {asked.route === null ? 'Asking …' : `Looking. ${asked.route.routing_reason}`}
          </p>
        </div>
      ) : null}
      {outcome.kind === 'stopped' ? (
        <Notice tone="info" title="Stopped" action={again}>
          The question was not answered.
        </Notice>
      ) : null}
      {outcome.kind === 'failed' ? (
        <Notice
          tone="alert"
          title={
            outcome.error.field === null
              ? 'No answer'
              : `The service does not accept the ${outcome.error.field}`
          }
          action={outcome.error.passing ? again : undefined}
        >
          {outcome.error.message}
        </Notice>
      ) : null}
      {outcome.kind === 'answered' ? (
        <Answered answer={outcome.answer} open={open} onCite={onCite} onAsk={onAsk} />
      ) : null}
    </section>
  );
}
