/** Lines of a page out of the runs that a PDF draws: in reading order, with gaps between cells. Pure. */

/** A piece of text as it is drawn: its left end and baseline in points from the lower left corner. */
export type Run = {
  readonly text: string;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly size: number;
  readonly font: string;
};

export type Cell = { readonly text: string; readonly x: number; readonly right: number };
export type Line = {
  readonly cells: readonly Cell[];
  readonly y: number;
  readonly size: number;
  readonly font: string;
};

/** Of the size of the text: runs whose baselines differ by less stand on one line. */
const SAME_LINE = 0.4;
/** A wider gap separates cells; spaces between words are at most half of it, also in justified text. */
const CELL_GAP = 0.9;
/** A narrower gap is none: the run goes on in the middle of a word. */
const WORD_GAP = 0.12;
/** A raised letter or two in small print refers to a footnote. */
const NOTE_SIZE = 0.8;
const NOTE_LENGTH = 2;

const isNoteMark = (run: Run, line: readonly Run[]): boolean => {
  const [first] = line;
  return (
    first !== undefined &&
    run.size <= NOTE_SIZE * first.size &&
    run.text.trim().length <= NOTE_LENGTH &&
    run.y > first.y + 0.15 * first.size
  );
};

/** Glyphs that refer elsewhere, as a glossary's do, and controls. */
const clean = (text: string): string => text.replace(/[«»\ufffd]|\p{Cc}/gu, '').replace(/\s+/g, ' ');

/**
 * Runs come in the order in which they were drawn, which is the order of reading in all but a few files: a line ends
 * where the baseline changes or the next run stands further left.
 */
export function linesOf(runs: readonly Run[]): Line[] {
  const lines: Line[] = [];
  let current: Run[] = [];
  const finish = (): void => {
    const line = lineOf(current);
    if (line !== null) lines.push(line);
    current = [];
  };
  for (const run of runs) {
    if (run.text.trim() === '') continue;
    const last = current.at(-1);
    // A mark is left out; what follows it still follows without a gap.
    if (last !== undefined && (clean(run.text).trim() === '' || isNoteMark(run, current))) {
      current[current.length - 1] = {
        ...last,
        text: `${last.text} `,
        width: Math.max(last.width, run.x + run.width - last.x),
      };
      continue;
    }
    const size = Math.max(run.size, last?.size ?? 0);
    const goesOn =
      last !== undefined &&
      Math.abs(run.y - last.y) <= SAME_LINE * size &&
      run.x >= last.x + last.width - size;
    if (!goesOn) finish();
    current.push(run);
  }
  finish();
  return lines;
}

function cellsOf(runs: readonly Run[]): Cell[] {
  const cells: { text: string; x: number; right: number }[] = [];
  for (const run of runs) {
    const last = cells.at(-1);
    const gap = last === undefined ? Number.POSITIVE_INFINITY : run.x - last.right;
    const right = run.x + run.width;
    if (last === undefined || gap > CELL_GAP * run.size) {
      cells.push({ text: clean(run.text), x: run.x, right });
      continue;
    }
    const space = gap > WORD_GAP * run.size && !last.text.endsWith(' ') ? ' ' : '';
    last.text += `${space}${clean(run.text)}`;
    last.right = right;
  }
  return cells
    .map((cell) => ({ ...cell, text: cell.text.trim().replace(/ (?=[.,;:](\s|$))/g, '') }))
    .filter(({ text }) => text !== '');
}

function lineOf(runs: readonly Run[]): Line | null {
  const [first] = runs;
  const cells = cellsOf(runs);
  if (first === undefined || cells.length === 0) return null;
  // The sign of a list's item is no cell of its own.
  if (cells.length > 1 && /^[•▪■●○◦*·–—-]$/.test(cells[0]?.text ?? '')) cells.shift();
  const longest = runs.reduce((best, run) => (run.text.length > best.text.length ? run : best), first);
  return { cells, y: first.y, size: longest.size, font: longest.font };
}
