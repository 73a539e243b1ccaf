/** Headings, paragraphs and rows of a page out of its lines. Pure. */
import type { Block } from '../types.ts';
import type { Cell, Line } from './pdf-lines.ts';

/** Of the size of the text: lines of a paragraph are no further apart. */
const LEADING = 1.45;
/** Rows of a table may be this far apart. */
const ROW_GAP = 4;
const HEADING_SIZE = 1.1;
const HEADING_MAX_CHARS = 90;
/** Lines that a label of a row is broken into, at most. */
const LABEL_LINES = 5;
/** Cells that are longer on average are columns of prose that were drawn line by line. */
const PROSE_CHARS = 28;
const PROSE_LINES = 4;
/** A longer one is a sentence that a gap runs through. */
const CELL_CHARS = 80;

const FIGURE = /^[^\p{L}]*(\d|[–—-]$|n\/?a)/iu;
const isYear = (text: string): boolean => /^(19|20)\d\d\b/.test(text);
const textOf = (line: Line): string => line.cells.map(({ text }) => text).join(' ');
const isFigures = (cells: readonly Cell[]): boolean =>
  cells.length > 0 && cells.filter(({ text }) => FIGURE.test(text)).length * 2 >= cells.length;

/** The size that most characters have. */
export function bodySize(lines: readonly Line[]): number {
  const chars = new Map<number, number>();
  for (const line of lines) {
    const size = Math.round(line.size * 2) / 2;
    chars.set(size, (chars.get(size) ?? 0) + textOf(line).length);
  }
  return [...chars].sort((a, b) => b[1] - a[1])[0]?.[0] ?? 10;
}

/** Columns of prose that were drawn across: each column's lines one after the other. */
function unweave(lines: readonly Line[]): Line[] {
  const made: Line[] = [];
  for (let from = 0; from < lines.length; ) {
    const columns = lines[from]?.cells.length ?? 0;
    let to = from;
    while (columns > 1 && lines[to]?.cells.length === columns) to += 1;
    const run = lines.slice(from, Math.max(to, from + 1));
    from += run.length;
    const chars = run.flatMap(({ cells }) => cells.map(({ text }) => text.length));
    const mean = chars.reduce((sum, one) => sum + one, 0) / Math.max(1, chars.length);
    if (run.length < PROSE_LINES || mean < PROSE_CHARS) made.push(...run);
    else {
      for (let column = 0; column < columns; column++) {
        made.push(
          ...run.flatMap((line) =>
            line.cells.slice(column, column + 1).map((cell) => ({ ...line, cells: [cell] })),
          ),
        );
      }
    }
  }
  return made;
}

type Table = { readonly columns: readonly Cell[]; lastY: number };

/** Where a cell stands: the column whose span it meets, by its middle, else the nearest. */
function columnOf(cell: Cell, columns: readonly Cell[]): number {
  let best = 0;
  let least = Number.POSITIVE_INFINITY;
  for (const [index, column] of columns.entries()) {
    const distance = Math.min(
      Math.abs(cell.right - column.right),
      Math.abs((cell.x + cell.right) / 2 - (column.x + column.right) / 2),
    );
    if (distance < least) {
      least = distance;
      best = index;
    }
  }
  return best;
}

/** Each figure below its column; two in one stand side by side. */
function placed(figures: readonly Cell[], columns: readonly Cell[]): string[] {
  const cells = columns.map(() => '');
  for (const figure of figures) {
    const column = columnOf(figure, columns);
    const there = cells[column] ?? '';
    cells[column] = there === '' ? figure.text : `${there} ${figure.text}`;
  }
  return cells;
}

export class Blocks {
  readonly #blocks: Block[] = [];
  readonly #body: number;
  #paragraph: Line[] = [];
  #table: Table | null = null;
  #lastHeading: Line | null = null;

  constructor(body: number) {
    this.#body = body;
  }

  static of(lines: readonly Line[], body: number): Block[] {
    const blocks = new Blocks(body);
    for (const line of unweave(lines)) blocks.#add(line);
    blocks.#endParagraph();
    return blocks.#blocks;
  }

  #add(line: Line): void {
    const table = this.#table;
    if (table !== null && (line.y > table.lastY + line.size || table.lastY - line.y > ROW_GAP * line.size)) {
      this.#table = null;
    }
    const years = line.cells.every(({ text }) => isYear(text));
    const isSentence = line.cells.some(({ text }) => text.length > CELL_CHARS);
    if (line.cells.length === 1 && this.#isHeading(line)) this.#addHeading(line);
    else if (line.cells.length === 1 || isSentence) this.#addText(line);
    else if (years || (!isFigures(line.cells) && this.#table === null)) this.#addHeader(line, years);
    else this.#addRow(line);
  }

  /** Label lines above a row's figures belong to it. */
  #addRow(line: Line): void {
    const [first] = line.cells;
    const labelled = first !== undefined && !FIGURE.test(first.text);
    const label = [this.#takeLabel(line), labelled ? first.text : ''].filter((part) => part !== '').join(' ');
    this.#endParagraph();
    const figures = labelled ? line.cells.slice(1) : line.cells;
    if (this.#table === null) {
      // A chart's bar: its year, and its figure.
      const parts = label === '' && isYear(first?.text ?? '') ? [] : [label];
      this.#blocks.push({ kind: 'row', text: [...parts, ...figures.map(({ text }) => text)].join(' | ') });
      if (parts.length > 0) this.#table = { columns: figures, lastY: line.y };
      return;
    }
    this.#table.lastY = line.y;
    this.#blocks.push({ kind: 'row', text: [label, ...placed(figures, this.#table.columns)].join(' | ') });
  }

  /** Years below a header of fewer columns, as of countries, stand below each of them. */
  #addHeader(line: Line, years: boolean): void {
    const label = this.#takeLabel(line);
    this.#endParagraph();
    const [first = '', ...others] = [
      ...(years || label !== '' ? [label] : []),
      ...line.cells.map(({ text }) => text),
    ];
    const columns = line.cells.slice(-others.length);
    const above = years ? (this.#table?.columns ?? []) : [];
    const each = columns.length / Math.max(1, above.length);
    const named = columns.map((cell, index): Cell => {
      const group = Number.isInteger(each) && each > 1 ? above[Math.floor(index / each)] : undefined;
      return group === undefined ? cell : { ...cell, text: `${group.text} ${cell.text}` };
    });
    this.#table = { columns: named, lastY: line.y };
    this.#blocks.push({ kind: 'row', text: [first, ...named.map(({ text }) => text)].join(' | ') });
  }

  /** The lines just above, close and short, when a table has begun or the row has only figures. */
  #takeLabel(line: Line): string {
    const lines = this.#paragraph;
    const last = lines.at(-1);
    if (last === undefined || lines.length > LABEL_LINES) return '';
    const close = Math.abs(last.y - line.y) <= LEADING * line.size;
    // A label is as wide as its column; a paragraph reaches below the figures.
    const figure = line.cells.slice(1).find(({ text }) => FIGURE.test(text)) ?? line.cells[1];
    const reach = FIGURE.test(line.cells[0]?.text ?? '') ? line.cells[0] : figure;
    if (!close || lines.some(({ cells }) => (cells[0]?.right ?? 0) > (reach?.x ?? 0))) return '';
    this.#paragraph = [];
    return lines.map(textOf).join(' ');
  }

  #isHeading(line: Line): boolean {
    const text = textOf(line);
    if (text.length > HEADING_MAX_CHARS || !/\p{L}{2}/u.test(text)) return false;
    return line.size >= HEADING_SIZE * this.#body;
  }

  #addHeading(line: Line): void {
    this.#endParagraph();
    this.#table = null;
    const last = this.#blocks.at(-1);
    // A heading of two lines.
    if (last?.kind === 'heading' && this.#lastHeading !== null) {
      const { y, size, font } = this.#lastHeading;
      if (size === line.size && font === line.font && y > line.y && y - line.y <= LEADING * size) {
        this.#blocks[this.#blocks.length - 1] = { ...last, text: `${last.text} ${textOf(line)}` };
        this.#lastHeading = line;
        return;
      }
    }
    const level = line.size >= 1.6 * this.#body ? 1 : line.size >= 1.3 * this.#body ? 2 : 3;
    this.#blocks.push({ kind: 'heading', level, text: textOf(line) });
    this.#lastHeading = line;
  }

  #addText(line: Line): void {
    const last = this.#paragraph.at(-1);
    if (last !== undefined) {
      const gap = last.y - line.y;
      const goesOn =
        gap >= 0 && gap <= LEADING * Math.max(last.size, line.size) && Math.abs(last.size - line.size) < 1;
      if (!goesOn) this.#endParagraph();
    }
    this.#paragraph.push(line);
  }

  /** Words that were broken at the end of a line are joined. */
  #endParagraph(): void {
    const lines = this.#paragraph;
    this.#paragraph = [];
    if (lines.length === 0) return;
    const text = lines
      .map(textOf)
      .reduce((whole, next) =>
        /\p{Ll}-$/u.test(whole) && /^\p{Ll}/u.test(next) ? `${whole}${next}` : `${whole} ${next}`,
      );
    this.#blocks.push({ kind: 'paragraph', text });
  }
}
