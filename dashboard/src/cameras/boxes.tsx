import type { Person, Photo } from './camera-shapes.ts';
import { personLabel, personState } from './person-state.ts';

const DASHES = { missing: undefined, unknown: '6 5', fine: undefined } as const;

/** Boxes of people over a photo, in its own pixels; who lacks something has a thick line, who is unknown a broken one. */
export function Boxes(props: {
  photo: Pick<Photo, 'width' | 'height'>;
  people: readonly (Person & { removed?: boolean })[];
  selected?: number | null;
  labels: boolean;
  onPick?: (index: number) => void;
}) {
  const { photo, people, selected = null, labels, onPick } = props;
  const unit = Math.max(photo.width, photo.height) / 100;
  return (
    <svg
      className="boxes"
      viewBox={`0 0 ${photo.width} ${photo.height}`}
      preserveAspectRatio="xMidYMid meet"
      aria-hidden="true"
    >
      {people.map((person, index) => {
        const state = personState(person);
        const { x, y, width, height } = person.box;
        if (person.removed === true) return null;
        return (
          // biome-ignore lint/suspicious/noArrayIndexKey: a person of a photo is told by the place in the list.
          // biome-ignore lint/a11y/noStaticElementInteractions: the list beside the photo is for the keyboard.
          <g key={index} className={`box box-${state}`} onClick={() => onPick?.(index)}>
            <rect
              x={x}
              y={y}
              width={width}
              height={height}
              fill="transparent"
              stroke="#000"
              strokeOpacity="0.45"
              strokeWidth={unit * (state === 'missing' ? 0.8 : 0.65)}
            />
            <rect
              className="box-line"
              x={x}
              y={y}
              width={width}
              height={height}
              fill="transparent"
              strokeWidth={unit * (state === 'missing' || index === selected ? 0.45 : 0.32)}
              strokeDasharray={DASHES[state]}
            />
            {labels ? (
              <text x={x + unit * 0.5} y={Math.max(unit * 2.6, y - unit * 0.7)} fontSize={unit * 2.3}>
                {index + 1}: {personLabel(person)}
              </text>
            ) : null}
          </g>
        );
      })}
    </svg>
  );
}
