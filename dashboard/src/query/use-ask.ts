/** The question in the address, asked once, and what is known of its answer so far. */
import { useCallback, useEffect, useState } from 'react';
import type { AnswerBody, RouteEvent } from '../../../src/rag/schemas.ts';
import { ApiError } from '../live/api.ts';
import { ask } from './ask.ts';
import { historyStore, remember } from './history.ts';
import type { SourceName } from './query-address.ts';

export type Asked = {
  readonly question: string;
  readonly source: SourceName | null;
  readonly route: RouteEvent | null;
  /** What has been written so far. */
  readonly text: string;
  readonly outcome:
    | { readonly kind: 'running' }
    | { readonly kind: 'stopped' }
    | { readonly kind: 'answered'; readonly answer: AnswerBody }
    | { readonly kind: 'failed'; readonly error: ApiError };
};

const begun = (question: string, source: SourceName | null): Asked => ({
  question,
  source,
  route: null,
  text: '',
  outcome: { kind: 'running' },
});

/** An answer that this session has had is shown again instead of being asked for. */
export function useAsk(question: string | null, source: SourceName | null) {
  const [asked, setAsked] = useState<Asked | null>(null);
  const [round, setRound] = useState(0);
  const [abort, setAbort] = useState<AbortController | null>(null);
  useEffect(() => {
    if (question === null) {
      setAsked(null);
      return;
    }
    const known =
      round === 0
        ? historyStore.get().find((one) => one.question === question && one.source === source)
        : undefined;
    if (known !== undefined) {
      setAsked({ ...begun(question, source), outcome: { kind: 'answered', answer: known.answer } });
      return;
    }
    const controller = new AbortController();
    setAbort(controller);
    setAsked(begun(question, source));
    const change = (update: (old: Asked) => Asked) =>
      setAsked((old) => (old === null || controller.signal.aborted ? old : update(old)));
    ask(question, source, controller.signal, {
      onRoute: (route) => change((old) => ({ ...old, route })),
      onDelta: (text) => change((old) => ({ ...old, text: old.text + text })),
      onRepeat: () => change((old) => ({ ...old, text: '' })),
    }).then(
      (answer) => {
        change((old) => ({ ...old, outcome: { kind: 'answered', answer } }));
        remember({ question, source, answer });
      },
      (cause: unknown) => {
        const error = cause instanceof ApiError ? cause : new ApiError(String(cause), null, cause);
        change((old) => ({ ...old, outcome: { kind: 'failed', error } }));
      },
    );
    return () => controller.abort();
  }, [question, source, round]);
  const stop = useCallback(() => {
    abort?.abort();
    setAsked((old) => (old?.outcome.kind === 'running' ? { ...old, outcome: { kind: 'stopped' } } : old));
  }, [abort]);
  const again = useCallback(() => setRound((n) => n + 1), []);
  return { asked, stop, again };
}
