import { Fragment } from 'react';
import { Link } from 'wouter';
import type { Accounting } from '../../../src/api/schemas.ts';
import { formatCount } from '../lib/format.ts';
import { imbalance } from './accounting.ts';

const PARTS = [
  { key: 'committed', label: 'committed', sign: '=', note: 'stored in the sync set' },
  { key: 'duplicates', label: 'duplicates', sign: '+', note: 'resent, stored once' },
  { key: 'rejected', label: 'rejected', sign: '+', note: 'kept with the reason' },
  { key: 'in_flight', label: 'in flight', sign: '+', note: 'not yet acknowledged' },
] as const;

function Verdict({ off }: { off: number }) {
  if (off === 0) return <span className="badge badge-ok">✓ balances</span>;
  const what = off > 0 ? 'unaccounted for' : 'counted twice';
  return (
    <span className="badge badge-alert" role="alert">
      ◆ {formatCount(Math.abs(off))} {what}
    </span>
  );
}

/** Loss accounting as the equation that has to hold at every moment. */
export function AccountingPanel({ accounting }: { accounting: Accounting | null }) {
  const off = accounting === null ? 0 : imbalance(accounting);
  const figure = (n: number | undefined) => (n === undefined ? '–' : formatCount(n));
  return (
    <section className={`panel accounting${off === 0 ? '' : ' panel-alarm'}`} aria-label="Loss accounting">
      <header className="panel-head">
        <h2>Loss accounting</h2>
        {accounting === null ? null : <Verdict off={off} />}
        <Link className="panel-link" href="/?panel=rejects">
          Recent rejects →
        </Link>
      </header>
      <div className="equation">
        <div className="term">
          <span className="term-value">{figure(accounting?.received)}</span>
          <span className="term-label">received</span>
          <span className="term-note">from every sender</span>
        </div>
        {PARTS.map((part) => (
          <Fragment key={part.key}>
            <span className={`sign${part.sign === '=' && off !== 0 ? ' sign-off' : ''}`}>
              {part.sign === '=' && off !== 0 ? '≠' : part.sign}
            </span>
            <div className="term">
              <span className="term-value">{figure(accounting?.[part.key])}</span>
              <span className="term-label">{part.label}</span>
              <span className="term-note">{part.note}</span>
            </div>
          </Fragment>
        ))}
      </div>
    </section>
  );
}
