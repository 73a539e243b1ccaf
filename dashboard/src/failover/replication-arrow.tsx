import { formatBytes, formatMs } from '../lib/format.ts';
import type { Link } from './cluster-state.ts';
import type { DiagramLayout, Point } from './diagram-layout.ts';

const HEAD_PX = 11;
const SPREAD_PX = 3;

function lagText({ streams, lag_bytes, lag_ms }: Link): string {
  if (!streams || lag_bytes === null) return 'nothing is streamed';
  return `${formatBytes(lag_bytes)}${lag_ms === null ? '' : ` · ${formatMs(lag_ms)}`} behind`;
}

/** `by` px to the side of the line from a to b. */
function beside(a: Point, b: Point, by: number): string {
  const length = Math.hypot(b.x - a.x, b.y - a.y) || 1;
  const dx = (-(b.y - a.y) / length) * by;
  const dy = ((b.x - a.x) / length) * by;
  return `M${a.x + dx} ${a.y + dy}L${b.x + dx} ${b.y + dy}`;
}

function arrowHead(a: Point, b: Point): string {
  const angle = (Math.atan2(b.y - a.y, b.x - a.x) * 180) / Math.PI;
  return `translate(${b.x} ${b.y}) rotate(${angle})`;
}

function Labels(props: { link: Link; layout: DiagramLayout }) {
  const { link, layout } = props;
  const { a, b } = layout.replication;
  const middle = { x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 };
  const mode = link.mode === 'strict' ? 'strict: both acknowledge' : '▲ solo: no second copy';
  const how = link.streams ? `${link.sync_state} · ${lagText(link)}` : lagText(link);
  const at = layout.upright
    ? {
        x: middle.x + 22,
        mode_y: middle.y - 5,
        how_y: middle.y + 14,
        className: 'link-label link-label-start',
      }
    : { x: middle.x, mode_y: middle.y - 15, how_y: middle.y + 24, className: 'link-label' };
  return (
    <g className={at.className}>
      <text className={`link-mode link-mode-${link.mode}`} x={at.x} y={at.mode_y}>
        {mode}
      </text>
      <text x={at.x} y={at.how_y}>
        {how}
      </text>
    </g>
  );
}

/** From the leader to its standby: a double line when both must acknowledge, a broken one when one is enough. */
export function ReplicationArrow({ link, layout }: { link: Link; layout: DiagramLayout }) {
  const { a, b } = layout.replication;
  const [from, to] = link.from === 'region1' ? [a, b] : [b, a];
  const length = Math.hypot(to.x - from.x, to.y - from.y) || 1;
  const back = (length - HEAD_PX) / length;
  const end = { x: from.x + (to.x - from.x) * back, y: from.y + (to.y - from.y) * back };
  const lines = link.mode === 'strict' ? [SPREAD_PX, -SPREAD_PX] : [0];
  const label = `Replication from ${link.from} to ${link.to}: ${link.mode}, ${lagText(link)}`;
  return (
    <g className={`link link-${link.mode}`}>
      <title>{label}</title>
      {lines.map((by) => (
        <path key={by} className="link-line" d={beside(from, end, by)} />
      ))}
      {link.mode === 'strict' && link.streams ? (
        <path className="link-flow" d={beside(from, end, 0)} />
      ) : null}
      <path className="link-head" d={`M0 0L${-HEAD_PX - 2} 7V-7Z`} transform={arrowHead(from, to)} />
      <Labels link={link} layout={layout} />
    </g>
  );
}
