import type { DataTable } from '../../../src/rag/schemas.ts';

/** Times in Unix seconds and figures; rows without a time are left out. */
export function pointsOf({ rows, chart }: Pick<DataTable, 'rows' | 'chart'>): [number[], (number | null)[]] {
  const points = rows
    .map((row) => ({ at: Date.parse(String(row[chart?.x ?? ''])) / 1000, value: row[chart?.y ?? ''] }))
    .filter(({ at }) => Number.isFinite(at))
    .sort((a, b) => a.at - b.at);
  return [points.map(({ at }) => at), points.map(({ value }) => (typeof value === 'number' ? value : null))];
}
