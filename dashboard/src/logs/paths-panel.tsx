import type { TopPathsBody } from '../../../src/api/log-schemas.ts';
import { formatBytes, formatCount } from '../lib/format.ts';
import { Segments } from '../shell/fields.tsx';
import type { PathOrder } from './log-query.ts';

const ORDERS: readonly { value: PathOrder; label: string }[] = [
  { value: 'requests', label: 'Requests' },
  { value: 'errors', label: 'Errors' },
];

function Row({ row, onPath }: { row: TopPathsBody['paths'][number]; onPath: (path: string) => void }) {
  return (
    <tr>
      <th scope="row" className="cell-path">
        <button type="button" className="pick pick-path" title={row.path} onClick={() => onPath(row.path)}>
          {row.path}
        </button>
      </th>
      <td className="num">{formatCount(row.requests)}</td>
      <td className="num">{row.errors === 0 ? <span className="faint">0</span> : formatCount(row.errors)}</td>
      <td className="num cell-wide">{formatBytes(row.bytes)}</td>
    </tr>
  );
}

/** Paths without their query strings, by requests or by errors. */
export function PathsPanel(props: {
  body: TopPathsBody | null;
  outdated: boolean;
  order: PathOrder;
  onOrder: (order: PathOrder) => void;
  onPath: (path: string) => void;
}) {
  const { body, outdated, order, onOrder, onPath } = props;
  return (
    <section className="panel" aria-label="Top paths" aria-busy={outdated}>
      <header className="panel-head">
        <h2>Top paths</h2>
        <Segments legend="By" className="panel-segments" options={ORDERS} value={order} onPick={onOrder} />
      </header>
      {body === null ? <p className="faint">–</p> : null}
      {body?.paths.length === 0 ? <p className="faint">No request.</p> : null}
      {body === null || body.paths.length === 0 ? null : (
        <div className="table-place">
          <table className="table table-paths">
            <thead>
              <tr>
                <th scope="col">Path</th>
                <th scope="col" className="num">
                  Requests
                </th>
                <th scope="col" className="num">
                  Errors
                </th>
                <th scope="col" className="num cell-wide">
                  Sent
                </th>
              </tr>
            </thead>
            <tbody>
              {body.paths.map((row) => (
                <Row key={row.path} row={row} onPath={onPath} />
              ))}
            </tbody>
          </table>
        </div>
      )}
    </section>
  );
}
