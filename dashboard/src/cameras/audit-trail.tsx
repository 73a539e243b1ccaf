import { formatDateTime } from '../lib/format.ts';
import { scoreText } from './person-state.ts';
import { useOverrides } from './use-camera-feeds.ts';

/** Who corrected what, when and why. */
export function AuditTrail({ imageId, version }: { imageId: string; version: number }) {
  const { data } = useOverrides(imageId);
  const overrides = data?.overrides ?? [];
  if (version === 1 || overrides.length === 0)
    return <p className="faint">Nobody has corrected this photo.</p>;
  return (
    <ol className="trail">
      {overrides.map(({ version: made, at, by, reason, changes, score_before, score_after }) => (
        <li key={made}>
          <strong>{by}</strong>, <time dateTime={at}>{formatDateTime(at)}</time>: {reason}
          <span className="faint">
            {' '}
            {changes.length === 0
              ? 'Confirmed.'
              : changes
                  .map(
                    ({ index, field, from, to }) =>
                      `Person ${index + 1} ${field.replace('_', ' ')}: ${from} → ${to}`,
                  )
                  .join('; ')}{' '}
            Score {scoreText(score_before)} → {scoreText(score_after)}.
          </span>
        </li>
      ))}
    </ol>
  );
}
