/** Sentences of a passage; a line, such as a row of a table or an item of a list, is one of its own. */

/** After these a full stop ends no sentence. */
const ABBREVIATION =
  /(?:^|[\s(])(?:e\.g|i\.e|etc|vs|no|nos|fig|mr|mrs|ms|dr|prof|st|jr|sr|inc|ltd|co|corp|approx|p|pp|vol|[A-Z]|[A-Z](?:\.[A-Z])+)\.$/i;
const END = /[.!?]["'”’)\]]*\s+(?=["'“‘(]?[\p{Lu}\p{N}])/gu;

export type Sentence = {
  readonly text: string;
  /** Where it begins in the passage. */
  readonly at: number;
};

export function sentences(passage: string): Sentence[] {
  const found: Sentence[] = [];
  let lineAt = 0;
  for (const line of passage.split('\n')) {
    let from = 0;
    for (const { 0: end, index } of line.matchAll(END)) {
      const stop = index + end.trimEnd().length;
      if (ABBREVIATION.test(line.slice(from, index + 1))) continue;
      push(found, line.slice(from, stop), lineAt + from);
      from = index + end.length;
    }
    push(found, line.slice(from), lineAt + from);
    lineAt += line.length + 1;
  }
  return found;
}

function push(found: Sentence[], text: string, at: number): void {
  const trimmed = text.trim();
  if (trimmed !== '') found.push({ text: trimmed, at: at + text.indexOf(trimmed) });
}
