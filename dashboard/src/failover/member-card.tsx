import { formatAge, formatMs } from '../lib/format.ts';
import { StateGlyph } from '../shell/state-glyph.tsx';
import { isHeard, type Member, memberCondition } from './cluster-state.ts';
import { type Box, HEAD_PX, ROW_PX } from './diagram-layout.ts';
import { clip } from './steps.ts';

type Row = { readonly name: string; readonly value: string; readonly tone?: 'warn' | 'alert' };

const PAD_PX = 12;
/** Average width of a character at the diagram's size, to know what fits. */
const CHAR_PX = 6.6;
const NAME_CHARS = 11;

function heartbeatText(age_ms: number | null): string {
  if (age_ms === null) return 'never';
  return age_ms < 10_000 ? `${formatMs(age_ms)} ago` : `${formatAge(age_ms / 1000)} ago`;
}

function heartbeatRow(member: Member | null): Row {
  const row = { name: 'Heartbeat', value: heartbeatText(member?.heartbeat_age_ms ?? null) };
  return isHeard(member) ? row : { ...row, tone: 'warn' };
}

function processesRow(member: Member | null): Row {
  const processes = member?.processes ?? null;
  if (processes === null) return { name: 'Processes', value: '–' };
  const { ready, total, not_ready } = processes;
  if (ready >= total) return { name: 'Processes', value: `${ready}/${total} ready` };
  return { name: 'Processes', value: `${ready}/${total}, not ${not_ready.join(', ')}`, tone: 'warn' };
}

function databaseRows(postgres: Member['postgres']): Row[] {
  if (postgres === null) {
    return ['PostgreSQL', 'WAL', 'Gate'].map((name) => ({ name, value: '–' }));
  }
  const { state, timeline, lsn, gate } = postgres;
  const runs = state === 'primary' || state === 'standby';
  const database: Row = {
    name: 'PostgreSQL',
    value: timeline === null ? state : `${state}, timeline ${timeline}`,
  };
  const gateRow: Row = { name: 'Gate', value: gate === 'open' ? 'open to writes' : 'closed' };
  return [
    runs ? database : { ...database, tone: 'alert' },
    { name: 'WAL', value: lsn ?? '–' },
    gate === 'closed' && state === 'primary' ? { ...gateRow, tone: 'warn' } : gateRow,
  ];
}

function regionRows(member: Member | null): Row[] {
  const canary = member?.canary_ms ?? null;
  return [
    ...databaseRows(member?.postgres ?? null),
    { name: 'Redis', value: member?.redis ?? '–' },
    { name: 'Canary', value: canary === null ? '–' : `committed in ${formatMs(canary)}` },
    processesRow(member),
    heartbeatRow(member),
    { name: 'Doing', value: member?.doing ?? 'nothing' },
  ];
}

function RowText({ row, box, y }: { row: Row; box: Box; y: number }) {
  const mark = row.tone === undefined ? '' : { warn: '▲ ', alert: '◆ ' }[row.tone];
  const fits = Math.floor((box.width - 2 * PAD_PX) / CHAR_PX) - NAME_CHARS;
  return (
    <>
      <text className="card-name" x={box.x + PAD_PX} y={y}>
        {row.name}
      </text>
      <text className={`card-value tone-${row.tone ?? 'none'}`} x={box.x + box.width - PAD_PX} y={y}>
        {mark}
        {clip(row.value, fits)}
        <title>{row.value}</title>
      </text>
    </>
  );
}

function Role({ role, x, y }: { role: Member['role'] | null; x: number; y: number }) {
  if (role === null || role === 'witness') return null;
  const width = role === 'leader' ? 62 : 66;
  return (
    <g className={`card-role card-role-${role}`}>
      <rect x={x} y={y} width={width} height={18} rx={9} />
      <text x={x + width / 2} y={y + 13}>
        {role}
      </text>
    </g>
  );
}

/** One member as a card of the diagram. */
export function MemberCard(props: { name: string; member: Member | null; box: Box; leads: boolean }) {
  const { name, member, box, leads } = props;
  const condition = memberCondition(member);
  const role = name === 'witness' ? 'witness' : leads ? 'leader' : (member?.role ?? null);
  const rows = name === 'witness' ? [processesRow(member), heartbeatRow(member)] : regionRows(member);
  return (
    <g>
      <title>{`${name}, ${role ?? 'unknown role'}, ${condition.word}`}</title>
      <rect
        className={`card card-${condition.state}${leads ? ' card-leads' : ''}`}
        x={box.x}
        y={box.y}
        width={box.width}
        height={box.height}
        rx={7}
      />
      <path className="card-rule" d={`M${box.x} ${box.y + HEAD_PX - 6}h${box.width}`} />
      <text className="card-title" x={box.x + PAD_PX} y={box.y + 20}>
        {name}
      </text>
      <Role role={role} x={box.x + PAD_PX + name.length * 8 + 6} y={box.y + 6} />
      <g transform={`translate(${box.x + box.width - PAD_PX - 11} ${box.y + 10})`}>
        <StateGlyph state={condition.state} />
      </g>
      <text
        className={`card-condition state-${condition.state}`}
        x={box.x + box.width - PAD_PX - 17}
        y={box.y + 20}
      >
        {condition.word}
      </text>
      {rows.map((row, index) => (
        <RowText key={row.name} row={row} box={box} y={box.y + HEAD_PX + index * ROW_PX + 12} />
      ))}
    </g>
  );
}
