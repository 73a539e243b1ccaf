import { Link } from 'wouter';
import type { LiveState, StateCounts } from '../../../src/api/schemas.ts';
import { formatCount, formatShare } from '../lib/format.ts';
import { STATE_LABELS, StateGlyph } from '../shell/state-glyph.tsx';

const MEANINGS: Readonly<Record<LiveState, string>> = {
  OK: 'within limits',
  WARN: 'outside normal',
  ALERT: 'needs action',
  STALE: 'gone silent',
  UNKNOWN: 'never reported',
};

function countOf(fleet: StateCounts, state: LiveState): number {
  switch (state) {
    case 'STALE':
      return fleet.stale;
    case 'UNKNOWN':
      return fleet.unknown;
    default:
      return fleet[state];
  }
}

/** The whole fleet by state; every figure leads to the devices behind it. */
export function FleetTotals({ fleet }: { fleet: StateCounts | null }) {
  const states: readonly LiveState[] = ['OK', 'WARN', 'ALERT', 'STALE', 'UNKNOWN'];
  return (
    <section className="panel totals" aria-label="Fleet">
      <Link className="total" href="/devices">
        <span className="total-label">Devices</span>
        <span className="total-value">{fleet === null ? '–' : formatCount(fleet.total)}</span>
        <span className="total-note">
          {fleet === null ? '\u00a0' : `${formatShare(fleet.reporting, fleet.total)} reporting`}
        </span>
      </Link>
      {states.map((state) => (
        <Link key={state} className="total" href={`/devices?state=${state}`}>
          <span className="total-label">
            <StateGlyph state={state} /> {STATE_LABELS[state]}
          </span>
          <span className="total-value">{fleet === null ? '–' : formatCount(countOf(fleet, state))}</span>
          <span className="total-note">{MEANINGS[state]}</span>
        </Link>
      ))}
    </section>
  );
}
