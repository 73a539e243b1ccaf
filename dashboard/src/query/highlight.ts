/** Where a quotation stands among the pieces of text that a page is drawn with. Pure. */

const LIGATURES: Readonly<Record<string, string>> = { ﬁ: 'fi', ﬂ: 'fl', ﬀ: 'ff', ﬃ: 'ffi', ﬄ: 'ffl' };

/** What both have alike: letters and digits. Spaces, hyphens at line ends and the bars between cells differ. */
function letters(text: string): string {
  return text
    .normalize('NFKC')
    .replace(/[ﬁﬂﬀﬃﬄ]/g, (ligature) => LIGATURES[ligature] ?? ligature)
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]/gu, '');
}

/** A shorter one would be found everywhere. */
const LEAST_LETTERS = 2;

/** The places of `text` in `pieces`: of all of it, else of its parts between bars and lines. Indexes of pieces. */
export function piecesOf(text: string, pieces: readonly string[]): Set<number> {
  const whole = letters(text);
  const page = pieces.map(letters);
  const joined = page.join('');
  const starts: number[] = [];
  let length = 0;
  for (const piece of page) {
    starts.push(length);
    length += piece.length;
  }
  const found = new Set<number>();
  const mark = (wanted: string, from: number): number => {
    const at = wanted.length < LEAST_LETTERS ? -1 : joined.indexOf(wanted, from);
    if (at === -1) return from;
    for (const [index, start] of starts.entries()) {
      const end = start + (page[index]?.length ?? 0);
      if (end > at && start < at + wanted.length && end > start) found.add(index);
    }
    return at + wanted.length;
  };
  mark(whole, 0);
  if (found.size > 0) return found;
  let from = 0;
  for (const part of text.split(/[|\n]/)) from = mark(letters(part), from);
  return found;
}
