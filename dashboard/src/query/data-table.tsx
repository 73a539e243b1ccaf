import { useState } from 'react';
import { Link } from 'wouter';
import type { Column, DataTable as Data } from '../../../src/rag/schemas.ts';
import { formatCount, formatDateTime, formatShare } from '../lib/format.ts';
import { ShareBar } from '../logs/share-bar.tsx';
import { LineChart } from './line-chart.tsx';

type Row = Data['rows'][number];
type Cell = Row[string];

function shown(cell: Cell | undefined, kind: Column['kind']): string {
  if (cell === null || cell === undefined) return '–';
  if (typeof cell === 'string') return kind === 'time' ? formatDateTime(cell) : cell;
  if (kind === 'percent') return formatShare(cell, 1);
  return Number.isInteger(cell) ? formatCount(cell) : String(cell);
}

const isRight = ({ kind }: Column): boolean => kind === 'number' || kind === 'percent';

function compare(a: Cell | undefined, b: Cell | undefined): number {
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  return String(a ?? '').localeCompare(String(b ?? ''));
}

/** The bar beside a figure is its share of the largest one; a row that sums the others up has none. */
function barOf(data: Data, row: Row): number | null {
  if (data.chart?.kind !== 'bar') return null;
  const { x, y } = data.chart;
  const isSum = (one: Row) => /^all\b/.test(String(one[x]));
  const value = row[y];
  if (typeof value !== 'number' || isSum(row)) return null;
  const largest = Math.max(...data.rows.filter((one) => !isSum(one)).map((one) => Number(one[y]) || 0));
  return largest > 0 ? value / largest : null;
}

type Order = { readonly key: string; readonly down: boolean } | null;

function Head(props: { columns: readonly Column[]; order: Order; onSort: (key: string) => void }) {
  const { columns, order, onSort } = props;
  return (
    <thead>
      <tr>
        {columns.map((column) => {
          const sorted = order?.key === column.key ? (order.down ? 'descending' : 'ascending') : undefined;
          return (
            <th
              key={column.key}
              scope="col"
              className={isRight(column) ? 'num' : undefined}
              aria-sort={sorted}
            >
              <button type="button" className="sort" onClick={() => onSort(column.key)}>
                {column.label}
                <span aria-hidden="true">
                  {sorted === undefined ? '' : sorted === 'descending' ? ' ↓' : ' ↑'}
                </span>
              </button>
            </th>
          );
        })}
      </tr>
    </thead>
  );
}

function ValueCell({ data, row, column }: { data: Data; row: Row; column: Column }) {
  const bar = data.chart?.y === column.key ? barOf(data, row) : null;
  const text = shown(row[column.key], column.kind);
  return (
    <td className={isRight(column) ? 'num' : undefined}>
      {bar === null ? (
        text
      ) : (
        <span className="share-figure">
          <ShareBar share={bar} /> {text}
        </span>
      )}
    </td>
  );
}

/** One result of a fixed query: a table that can be sorted, with bars where its figures compare. */
export function DataTable({ data }: { data: Data }) {
  const [order, setOrder] = useState<Order>(null);
  const rows =
    order === null
      ? data.rows
      : data.rows.toSorted((a, b) => compare(a[order.key], b[order.key]) * (order.down ? -1 : 1));
  const onSort = (key: string) =>
    setOrder((old) => (old?.key === key ? { key, down: !old.down } : { key, down: true }));
  return (
    <section className="panel" aria-label={data.title}>
      <header className="panel-head">
        <h2>{data.title}</h2>
      </header>
      <p className="faint data-explanation">{data.explanation}</p>
      {data.chart?.kind === 'line' && rows.length > 1 ? <LineChart data={data} /> : null}
      {rows.length === 0 ? (
        <p className="faint">No rows.</p>
      ) : (
        <div className="table-place data-place">
          <table className="table">
            <Head columns={data.columns} order={order} onSort={onSort} />
            <tbody>
              {rows.map((row, index) => (
                // biome-ignore lint/suspicious/noArrayIndexKey: the rows of a result have no other name.
                <tr key={index}>
                  {data.columns.map((column) => (
                    <ValueCell key={column.key} data={data} row={row} column={column} />
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      <Photos photos={data.photos} />
    </section>
  );
}

function Photos({ photos }: { photos: Data['photos'] }) {
  if (photos.length === 0) return null;
  return (
    <ul className="photos" aria-label="Photos">
      {photos.map((photo) => (
        <li key={photo.image_id} className="photo">
          <Link href={`/cameras?image=${photo.image_id}`}>
            <img src={`/api/images/${photo.image_id}/thumbnail`} alt={photo.description} loading="lazy" />
          </Link>
          <span>
            {photo.site_id} · {formatDateTime(photo.taken_at)} ·{' '}
            {photo.compliance_score === null ? 'no score' : `score ${photo.compliance_score}`}
          </span>
        </li>
      ))}
    </ul>
  );
}
