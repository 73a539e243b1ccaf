import type { TopAddressesBody } from '../../../src/api/log-schemas.ts';
import { formatCount, formatShare } from '../lib/format.ts';
import { ShareBar } from './share-bar.tsx';

type Address = TopAddressesBody['addresses'][number];

function Row(props: { row: Address; onAddress: (address: string) => void; onPath: (path: string) => void }) {
  const { row, onAddress, onPath } = props;
  return (
    <tr>
      <th scope="row">
        <button
          type="button"
          className="pick"
          title={`Only ${row.ip_address}`}
          onClick={() => onAddress(row.ip_address)}
        >
          {row.ip_address}
        </button>
      </th>
      <td className="num">{formatCount(row.errors)}</td>
      <td className="num">{formatCount(row.client_errors)}</td>
      <td className="num">{formatCount(row.server_errors)}</td>
      <td className="num">
        <span className="share-figure">
          {formatShare(row.share, 1)} <ShareBar share={row.share} tone="error" />
        </span>
      </td>
      <td className="cell-paths">
        {row.top_paths.map(({ path, errors }) => (
          <span key={path} className="hit">
            <button type="button" className="pick pick-path" title={path} onClick={() => onPath(path)}>
              {path}
            </button>{' '}
            <span className="faint">{formatCount(errors)}×</span>
          </span>
        ))}
      </td>
    </tr>
  );
}

/** Which addresses cause the most errors, and what they hit. */
export function AddressesPanel(props: {
  body: TopAddressesBody | null;
  outdated: boolean;
  onAddress: (address: string) => void;
  onPath: (path: string) => void;
}) {
  const { body, outdated, onAddress, onPath } = props;
  return (
    <section className="panel" aria-label="Addresses with the most errors" aria-busy={outdated}>
      <header className="panel-head">
        <h2>Which addresses cause the most errors</h2>
        <span className="panel-note">{body === null ? '' : `${formatCount(body.errors)} errors in all`}</span>
      </header>
      {body === null ? <p className="faint">–</p> : null}
      {body?.addresses.length === 0 ? <p className="faint">No answer of 400 or more.</p> : null}
      {body === null || body.addresses.length === 0 ? null : (
        <div className="table-place">
          <table className="table table-addresses">
            <thead>
              <tr>
                <th scope="col">Address</th>
                <th scope="col" className="num">
                  Errors
                </th>
                <th scope="col" className="num">
                  4xx
                </th>
                <th scope="col" className="num">
                  5xx
                </th>
                <th scope="col" className="num">
                  Share
                </th>
                <th scope="col">What it hits</th>
              </tr>
            </thead>
            <tbody>
              {body.addresses.map((row) => (
                <Row key={row.ip_address} row={row} onAddress={onAddress} onPath={onPath} />
              ))}
            </tbody>
          </table>
        </div>
      )}
    </section>
  );
}
