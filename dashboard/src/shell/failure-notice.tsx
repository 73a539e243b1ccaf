import { formatTime } from '../lib/format.ts';
import type { Answer } from '../live/use-answer.ts';
import { Notice } from './notice.tsx';

/** Why part of the page is missing or old; one notice for all parts, because they fail together. */
export function FailureNotice(props: { title: string; answers: readonly Answer<unknown>[] }) {
  const failed = props.answers.filter(({ error }) => error !== null);
  const error = failed[0]?.error ?? null;
  if (error === null) return null;
  const oldest_ms = Math.min(
    ...failed.filter(({ data }) => data !== null).map(({ heardAt_ms }) => heardAt_ms),
  );
  const old = Number.isFinite(oldest_ms);
  const onRetry = () => {
    for (const answer of failed) answer.retry();
  };
  const retry = (
    <button type="button" className="button" onClick={onRetry}>
      Try now
    </button>
  );
  return (
    <Notice
      tone={old ? 'warn' : 'alert'}
      title={error.field === null ? props.title : `The API does not accept ${error.field}`}
      action={error.passing ? retry : undefined}
    >
      {error.message}
      {old ? ` What is shown is old: as of ${formatTime(new Date(oldest_ms).toISOString())} UTC.` : ''}
      {error.passing ? ' The page keeps trying on its own.' : ''}
    </Notice>
  );
}
