import { Segments } from '../shell/fields.tsx';
import type { Person } from './camera-shapes.ts';
import { type Draft, type DraftAction, drafted } from './override-draft.ts';
import { GEAR, type GearValue } from './person-state.ts';

const VALUES: readonly { value: GearValue; label: string }[] = [
  { value: 'yes', label: 'Yes' },
  { value: 'no', label: 'No' },
  { value: 'unknown', label: '?' },
];

function sureness(person: Person, key: (typeof GEAR)[number]['key']): string {
  const { value, confidence, corrected } = person[key];
  if (corrected === true) return 'by a person';
  return value === 'unknown' ? 'cannot be seen' : `${Math.round(confidence * 100)} % sure`;
}

/** Everybody in the photo, with what they wear; the keys h, v and e change whoever is selected. */
export function PeopleList(props: {
  people: readonly Person[];
  draft: Draft;
  onAction: (action: DraftAction) => void;
}) {
  const { people, draft, onAction } = props;
  if (people.length === 0) return <p className="faint">Nobody was found in this photo: it has no score.</p>;
  return (
    <ol className="people">
      {people.map((stored, index) => {
        const person = drafted(stored, index, draft);
        return (
          // biome-ignore lint/suspicious/noArrayIndexKey: a person of a photo is told by the place in the list.
          <li key={index} className={`person ${index === draft.selected ? 'person-selected' : ''}`}>
            <div className="person-head">
              <button type="button" className="button" onClick={() => onAction({ kind: 'select', index })}>
                Person {index + 1}
              </button>
              <button
                type="button"
                className="button"
                aria-pressed={person.removed}
                onClick={() => onAction({ kind: 'remove', index })}
              >
                {person.removed ? 'Keep' : 'Nobody is there'}
              </button>
            </div>
            {person.removed
              ? null
              : GEAR.map(({ key, label }) => (
                  <div key={key} className="person-gear">
                    <span>{label}</span>
                    <Segments
                      legend={`${label} of person ${index + 1}`}
                      options={VALUES}
                      value={person[key].value}
                      onPick={(value) => onAction({ kind: 'set', index, gear: key, value })}
                    />
                    <span className="faint">{sureness(person, key)}</span>
                  </div>
                ))}
          </li>
        );
      })}
    </ol>
  );
}
