import { formatMeasured, stepLabel } from './steps.ts';
import { outageEnd, placeLabels, type Step, TARGET_MS, type TimeScale, timeScale } from './timeline.ts';
import { useWidth } from './use-width.ts';

const EDGE_PX = 8;
const BAR_Y = 22;
const BAR_PX = 16;
const AXIS_Y = BAR_Y + BAR_PX + 12;
const LANE_PX = 19;
const LABEL_Y = AXIS_Y + 24;
/** Average width of a character of a label. */
const CHAR_PX = 6.5;

function labelOf({ step, after_ms }: Step): string {
  return `${stepLabel(step)} ${formatMeasured(after_ms)}`;
}

function Axis({ scale, width }: { scale: TimeScale; width: number }) {
  const target_x = scale.x(TARGET_MS);
  return (
    <g className="axis">
      <path className="axis-line" d={`M0 ${AXIS_Y}H${width}`} />
      {scale.cut_x === null ? null : (
        <g>
          <rect className="axis-gap" x={scale.cut_x - 5} y={AXIS_Y - 4} width={10} height={8} />
          <path
            className="axis-cut"
            d={`M${scale.cut_x - 7} ${AXIS_Y + 5}l4 -10M${scale.cut_x + 3} ${AXIS_Y + 5}l4 -10`}
          />
        </g>
      )}
      {scale.ticks.map(({ ms, x }) => (
        <g key={ms}>
          <path className="axis-tick" d={`M${x} ${BAR_Y}V${AXIS_Y}`} />
          <text x={x} y={12} className={x < 20 ? 'axis-first' : x > width - 20 ? 'axis-last' : undefined}>
            {ms === 0 ? '0 ms' : formatMeasured(ms)}
          </text>
        </g>
      ))}
      <path className="axis-target" d={`M${target_x} ${BAR_Y - 4}V${AXIS_Y}`} />
    </g>
  );
}

/** The outage: solid once it has ended, hatched while it lasts. */
function OutageBar(props: { steps: readonly Step[]; elapsed_ms: number | null; scale: TimeScale }) {
  const { steps, elapsed_ms, scale } = props;
  const end = outageEnd(steps);
  const to_ms = end?.after_ms ?? elapsed_ms;
  if (to_ms === null) return null;
  const width = Math.max(2, scale.x(to_ms));
  const state = end === null ? 'open' : to_ms <= TARGET_MS ? 'within' : 'beyond';
  const text =
    end === null
      ? `${formatMeasured(Math.round(to_ms))} so far`
      : `${state === 'within' ? '✓' : '▲'} ${formatMeasured(to_ms)} ${end.step === 'first_good_write' ? 'without a good write' : `until ${stepLabel(end.step).toLowerCase()}`}`;
  const inside = width > text.length * CHAR_PX + 16;
  return (
    <g className={`outage outage-${state}`}>
      <rect x={0} y={BAR_Y} width={width} height={BAR_PX} rx={3} />
      <text x={inside ? 8 : width + 8} y={BAR_Y + 12} className={inside ? 'outage-inside' : undefined}>
        {text}
      </text>
    </g>
  );
}

function Steps({ steps, scale, width }: { steps: readonly Step[]; scale: TimeScale; width: number }) {
  const points = steps.map((step) => ({
    x: scale.x(step.after_ms),
    width: labelOf(step).length * CHAR_PX + 8,
  }));
  const places = placeLabels(points, width);
  return (
    <>
      {steps.map(({ step }, index) => {
        const place = places[index];
        if (place === undefined) return null;
        const y = LABEL_Y + place.lane * LANE_PX;
        return <path key={step} className="step-stem" d={`M${place.x} ${AXIS_Y}V${y - 3}`} />;
      })}
      {steps.map(({ step, after_ms }, index) => {
        const place = places[index];
        if (place === undefined) return null;
        const y = LABEL_Y + place.lane * LANE_PX;
        return (
          <g key={step} className={`step step-${step}`}>
            <circle cx={place.x} cy={AXIS_Y} r={4} />
            <text
              x={place.x + (place.left ? -5 : 5)}
              y={y}
              className={place.left ? 'step-label step-label-left' : 'step-label'}
            >
              {stepLabel(step)} <tspan className="step-time">{formatMeasured(after_ms)}</tspan>
            </text>
          </g>
        );
      })}
    </>
  );
}

/** The steps of one event on an axis of milliseconds, with its outage. `elapsed_ms` null: it is over. */
export function OutageTimeline(props: { steps: readonly Step[]; elapsed_ms: number | null; label: string }) {
  const { steps, elapsed_ms, label } = props;
  const [place, outer] = useWidth<HTMLDivElement>();
  const width = outer === null ? null : Math.max(40, outer - 2 * EDGE_PX);
  if (width === null) return <div ref={place} className="timeline" />;
  const scale = timeScale(steps, elapsed_ms, width);
  const points = steps.map((step) => ({
    x: scale.x(step.after_ms),
    width: labelOf(step).length * CHAR_PX + 8,
  }));
  const lanes = 1 + Math.max(0, ...placeLabels(points, width).map(({ lane }) => lane));
  const height = LABEL_Y + (lanes - 1) * LANE_PX + 8;
  const told = steps.map((step) => labelOf(step)).join(', ');
  return (
    <div ref={place} className="timeline">
      <svg role="img" aria-label={`${label}: ${told}`} width={width + 2 * EDGE_PX} height={height}>
        <g transform={`translate(${EDGE_PX} 0)`}>
          <Axis scale={scale} width={width} />
          <OutageBar steps={steps} elapsed_ms={elapsed_ms} scale={scale} />
          {elapsed_ms === null ? null : (
            <path className="axis-now" d={`M${scale.x(elapsed_ms)} ${BAR_Y - 4}V${AXIS_Y + 6}`} />
          )}
          <Steps steps={steps} scale={scale} width={width} />
        </g>
      </svg>
    </div>
  );
}
