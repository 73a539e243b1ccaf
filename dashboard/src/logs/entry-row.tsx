import type { LogEntry } from '../../../src/api/log-schemas.ts';
import { formatBytes, formatCount, formatDateTime, formatMs } from '../lib/format.ts';
import { Fact } from '../overview/fact.tsx';
import { StatusBadge } from './status-badge.tsx';

/** Columns of the table of entries. */
export const COLUMNS = 7;

function Details({ entry, onAddress }: { entry: LogEntry; onAddress: (address: string) => void }) {
  return (
    <dl className="facts entry-facts">
      <Fact name="Request" wide>
        <code>
          {entry.method} {entry.path} {entry.protocol}
        </code>
      </Fact>
      <Fact name="Time">{entry.at.replace('T', ' ').replace('Z', '')} UTC</Fact>
      <Fact name="Address">
        <button type="button" className="pick" onClick={() => onAddress(entry.ip_address)}>
          {entry.ip_address}
        </button>
      </Fact>
      <Fact name="Size">{formatCount(entry.bytes)} bytes</Fact>
      <Fact name="Duration">{entry.duration_ms === null ? 'not recorded' : formatMs(entry.duration_ms)}</Fact>
      <Fact name="User">{entry.user ?? '–'}</Fact>
      <Fact name="Source">{entry.source}</Fact>
      <Fact name="Referer" wide>
        {entry.referer ?? '–'}
      </Fact>
      <Fact name="User agent" wide>
        {entry.user_agent ?? '–'}
      </Fact>
    </dl>
  );
}

export function EntryRow(props: {
  entry: LogEntry;
  open: boolean;
  onToggle: () => void;
  onAddress: (address: string) => void;
}) {
  const { entry, open, onToggle, onAddress } = props;
  return (
    <>
      <tr className={open ? 'entry-open' : undefined}>
        <td className="cell-time">
          <button type="button" className="entry-toggle" aria-expanded={open} onClick={onToggle}>
            <span className="twisty" aria-hidden="true" />
            <time dateTime={entry.at}>
              <span className="entry-date">{formatDateTime(entry.at).slice(0, 11)}</span>
              {formatDateTime(entry.at).slice(11)}
            </time>
            <span className="visually-hidden"> details</span>
          </button>
        </td>
        <td className="cell-wide cell-address" title={entry.ip_address}>
          {entry.ip_address}
        </td>
        <td className="cell-method">{entry.method}</td>
        <td className="cell-path" title={entry.path}>
          {entry.path}
        </td>
        <td>
          <StatusBadge status={entry.status_code} />
        </td>
        <td className="num cell-wide">{formatBytes(entry.bytes)}</td>
        <td className="num cell-wide">
          {entry.duration_ms === null ? <span className="faint">–</span> : formatMs(entry.duration_ms)}
        </td>
      </tr>
      {open ? (
        <tr className="entry-details">
          <td colSpan={COLUMNS}>
            <Details entry={entry} onAddress={onAddress} />
          </td>
        </tr>
      ) : null}
    </>
  );
}
