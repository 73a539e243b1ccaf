import type { Group, SummaryBody } from '../../../src/vision/schemas.ts';
import { formatCount } from '../lib/format.ts';
import { scoreText, scoreTone } from './person-state.ts';

function Row(props: { group: Group; picked: boolean; onPick: () => void }) {
  const { group, picked, onPick } = props;
  const { name, avg_compliance: score, violations, images, people } = group;
  return (
    <li>
      <button type="button" className="score-row" aria-pressed={picked} onClick={onPick}>
        <span className="score-name">{name.replaceAll('_', ' ')}</span>
        <span className="score-bar" aria-hidden="true">
          <span className={`score-fill score-${scoreTone(score)}`} style={{ width: `${score ?? 0}%` }} />
        </span>
        <span className={`score score-${scoreTone(score)}`}>{scoreText(score)}</span>
        <span className="faint score-counts">
          {formatCount(violations)} of {formatCount(images)} photos with violations, {formatCount(people)}{' '}
          people
        </span>
      </button>
    </li>
  );
}

/** Scores by site and by type of device, the lowest first; a click keeps only that one, another all again. */
export function ScoresPanel(props: {
  summary: SummaryBody | null;
  site: string | null;
  type: string | null;
  onSite: (site: string | null) => void;
  onType: (type: string | null) => void;
}) {
  const { summary, site, type, onSite, onType } = props;
  const list = (
    title: string,
    groups: readonly Group[],
    picked: string | null,
    onPick: (name: string | null) => void,
  ) => (
    <>
      <h3>{title}</h3>
      <ul className="score-list">
        {groups.map((group) => (
          <Row
            key={group.name}
            group={group}
            picked={group.name === picked}
            onPick={() => onPick(group.name === picked ? null : group.name)}
          />
        ))}
      </ul>
    </>
  );
  return (
    <section className="panel" aria-label="Scores">
      <header className="panel-head">
        <h2>Safety compliance</h2>
      </header>
      <p className="faint">
        Of 100: hard hat 40, vest 30, inspection equipment 30. What cannot be seen counts neither way.
      </p>
      {summary === null ? null : (
        <>
          {list('By site, lowest first', summary.sites, site, onSite)}
          {list('By type of device', summary.device_types, type, onType)}
        </>
      )}
    </section>
  );
}
