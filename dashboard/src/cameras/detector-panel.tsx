import type { SummaryBody } from '../../../src/vision/schemas.ts';
import { formatCount, formatShare } from '../lib/format.ts';

const PARTS = [
  { key: 'person', label: 'People' },
  { key: 'hard_hat', label: 'Hard hats' },
  { key: 'vest', label: 'Vests' },
  { key: 'equipment', label: 'Equipment' },
] as const;

/** How much of what the detector said stood, where people looked: on these very photos, not on somebody's test set. */
export function DetectorPanel({ summary }: { summary: SummaryBody | null }) {
  if (summary === null) return null;
  const { detector } = summary;
  return (
    <section className="panel" aria-label="Detector">
      <header className="panel-head">
        <h2>How right the detector is here</h2>
      </header>
      {detector.reviewed_images === 0 ? (
        <p className="faint">
          Nobody has reviewed a photo yet, so nothing can be said. Open a photo and correct or confirm what
          was found.
        </p>
      ) : (
        <>
          <p className="faint">From {formatCount(detector.reviewed_images)} reviewed photos.</p>
          <dl className="precision">
            {PARTS.map(({ key, label }) => {
              const { reviewed, right } = detector[key];
              return (
                <div key={key}>
                  <dt>{label}</dt>
                  <dd>
                    {reviewed === 0 ? '–' : formatShare(right, reviewed)}{' '}
                    <span className="faint">
                      {formatCount(right)} of {formatCount(reviewed)}
                    </span>
                  </dd>
                </div>
              );
            })}
          </dl>
        </>
      )}
    </section>
  );
}
