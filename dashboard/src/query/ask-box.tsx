import { useEffect, useId, useRef, useState } from 'react';
import { Segments } from '../shell/fields.tsx';
import { MAX_QUESTION_CHARS, SOURCES, type SourceName } from './query-address.ts';

/** So near to the limit it is said how much room is left. */
const NEAR_CHARS = 200;

/** One box for every question. Enter asks, Shift and Enter begin a new line. */
export function AskBox(props: {
  question: string | null;
  source: SourceName | null;
  running: boolean;
  onAsk: (question: string, source: SourceName | null) => void;
  onStop: () => void;
}) {
  const { question, source, running, onAsk, onStop } = props;
  const [text, setText] = useState(question ?? '');
  const box = useRef<HTMLTextAreaElement>(null);
  const id = useId();
  useEffect(() => setText(question ?? ''), [question]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the box is as high as its text.
  useEffect(() => {
    const area = box.current;
    if (area === null) return;
    area.style.height = 'auto';
    area.style.height = `${area.scrollHeight + 2}px`;
  }, [text]);
  const send = (from: SourceName | null) => {
    if (text.trim() !== '') onAsk(text.trim(), from);
  };
  const left = MAX_QUESTION_CHARS - text.length;
  return (
    <form
      className="ask"
      onSubmit={(event) => {
        event.preventDefault();
        send(source);
      }}
    >
      <label htmlFor={id} className="visually-hidden">
        Question
      </label>
      <textarea
        id={id}
        ref={box}
        rows={1}
        placeholder="Ask about documents, cameras, logs or the live fleet"
        maxLength={MAX_QUESTION_CHARS}
        value={text}
        onChange={(event) => setText(event.target.value)}
        onKeyDown={(event) => {
          if (event.key !== 'Enter' || event.shiftKey || event.nativeEvent.isComposing) return;
          event.preventDefault();
          send(source);
        }}
      />
      <div className="ask-row">
        <Segments
          legend="Where to look"
          options={SOURCES}
          value={source}
          onPick={(picked) => (text.trim() === '' ? onAsk('', picked) : send(picked))}
        />
        <span className="ask-left" aria-live="polite">
          {left <= NEAR_CHARS ? `${left} characters left` : ''}
        </span>
        {running ? (
          <button type="button" className="button" onClick={onStop}>
            Stop
          </button>
        ) : (
          <button type="submit" className="button button-primary" disabled={text.trim() === ''}>
            Ask
          </button>
        )}
      </div>
    </form>
  );
}
