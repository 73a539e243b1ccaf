/** Rows of a table in a passage: cells joined by " | ", the first line being the header when it is one. Pure. */

import { tokens } from '../text/tokens.ts';
import type { Passage } from '../types.ts';

export type Row = {
  /** As it stands in the passage. */
  readonly text: string;
  readonly at: number;
  readonly cells: readonly string[];
};
export type Table = {
  readonly header: readonly string[];
  readonly headerText: string;
  readonly rows: readonly Row[];
};

const cellsOf = (line: string): string[] => line.split('|').map((cell) => cell.trim());
const isYear = (cell: string): boolean => /^(19|20)\d\d\D*$/.test(cell);
const isFigure = (cell: string): boolean => /^[^\p{L}]*\d[^\p{L}]*$/u.test(cell) && !isYear(cell);

/** The passage as a table; null when none of its lines has cells. */
export function tableOf({ kind, content }: Pick<Passage, 'kind' | 'content'>): Table | null {
  if (kind !== 'table') return null;
  let at = 0;
  const rows: Row[] = [];
  for (const line of content.split('\n')) {
    if (line.includes('|')) rows.push({ text: line, at, cells: cellsOf(line) });
    at += line.length + 1;
  }
  const [first, ...rest] = rows;
  if (first === undefined) return null;
  const isHeader = rest.length > 0 && !first.cells.slice(1).some(isFigure);
  return isHeader
    ? { header: first.cells, headerText: first.text, rows: rest }
    : { header: [], headerText: '', rows };
}

/**
 * The cells of a row that a question asks for: those under the years that it names, else those whose header it names.
 * Empty when it names none: then the whole row is the answer.
 */
export function columnsFor(question: string, { header }: Table): number[] {
  const asked = new Set(tokens(question).map(({ stem }) => stem));
  const named = header.flatMap((cell, column) => {
    if (column === 0 || cell === '') return [];
    const stems = tokens(cell).map(({ stem }) => stem);
    return stems.length > 0 && stems.every((stem) => asked.has(stem)) ? [column] : [];
  });
  const years = named.filter((column) => isYear(header[column] ?? ''));
  return years.length > 0 ? years : named;
}

/** A row in words: its label, and each wanted cell with its header. */
export function tell(table: Table, row: Row, columns: readonly number[]): string {
  const [label = '', ...others] = row.cells;
  const wanted = columns.length > 0 ? columns : others.map((_, index) => index + 1);
  const parts = wanted.flatMap((column) => {
    const cell = row.cells[column] ?? '';
    if (cell === '') return [];
    const header = table.header[column] ?? '';
    return [header === '' ? cell : `${header}: ${cell}`];
  });
  return label === '' ? parts.join('; ') : `${label}${parts.length === 0 ? '' : ` – ${parts.join('; ')}`}`;
}
