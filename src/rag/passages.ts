/** Passages of a document: what is found, cited and given a vector. Pure. */
import { sentences } from './text/sentences.ts';
import type { Block, Extracted, Page, Passage } from './types.ts';

/** A vector says what a text is about, so a passage is about one thing: a paragraph or two. */
const WORDS = 110;
/** A shorter one at the end of a part is added to the one before. */
const FEW_WORDS = 25;
const ROWS = 14;

const wordCount = (text: string): number => text.match(/\S+/g)?.length ?? 0;
/** A number that has lost its chart, or a sign, says nothing by itself. */
const saysSomething = (text: string): boolean => /\p{L}{2}/u.test(text) && wordCount(text) >= 2;
const isFigure = (cell: string): boolean => /^[^\p{L}]*\d[^\p{L}]*$/u.test(cell);
const isYear = (cell: string): boolean => /^(19|20)\d\d\D*$/.test(cell);

/** A line without figures, apart from years, names the columns. */
function isHeader(row: string): boolean {
  const [, ...cells] = row.split('|').map((cell) => cell.trim());
  return cells.some((cell) => cell !== '') && !cells.some((cell) => isFigure(cell) && !isYear(cell));
}

/** Parts of a text of about so many words, cut where sentences end; one longer sentence stays whole. */
function parts(text: string): string[] {
  if (wordCount(text) <= WORDS) return [text];
  const made: string[] = [];
  let current = '';
  for (const { text: sentence } of sentences(text)) {
    if (current !== '' && wordCount(current) + wordCount(sentence) > WORDS) {
      made.push(current);
      current = '';
    }
    current = current === '' ? sentence : `${current} ${sentence}`;
  }
  if (current !== '') made.push(current);
  return made;
}

class Builder {
  readonly passages: Passage[] = [];
  readonly #headings: { readonly level: number; readonly text: string }[] = [];
  #page: Page = { page: 1, label: null, blocks: [] };
  #prose: string[] = [];
  #rows: string[] = [];

  addPage(page: Page): void {
    this.#end();
    this.#page = page;
    for (const block of page.blocks) this.#add(block);
    this.#end();
  }

  #add(block: Block): void {
    if (block.kind === 'row') {
      this.#endProse();
      if (isHeader(block.text) && this.#rows.some((row) => !isHeader(row))) this.#endRows();
      this.#rows.push(block.text);
      return;
    }
    this.#endRows();
    if (block.kind === 'heading') {
      this.#endProse();
      while ((this.#headings.at(-1)?.level ?? 0) >= block.level) this.#headings.pop();
      this.#headings.push(block);
      return;
    }
    if (!saysSomething(block.text)) return;
    for (const part of parts(block.text)) {
      if (this.#prose.length > 0 && wordCount(this.#prose.join(' ')) + wordCount(part) > WORDS)
        this.#endProse();
      this.#prose.push(part);
    }
  }

  #end(): void {
    this.#endProse();
    this.#endRows();
  }

  #push(kind: Passage['kind'], content: string): void {
    this.passages.push({
      ordinal: this.passages.length,
      page: this.#page.page,
      pageLabel: this.#page.label,
      heading: this.#headings.map(({ text }) => text).join(' > '),
      kind,
      content,
    });
  }

  #endProse(): void {
    const content = this.#prose.join('\n');
    this.#prose = [];
    if (content === '') return;
    const heading = this.#headings.map(({ text }) => text).join(' > ');
    const last = this.passages.at(-1);
    const goesOn = last?.kind === 'prose' && last.page === this.#page.page && last.heading === heading;
    if (goesOn && wordCount(content) < FEW_WORDS && wordCount(last.content) < WORDS) {
      this.passages[this.passages.length - 1] = { ...last, content: `${last.content}\n${content}` };
    } else this.#push('prose', content);
  }

  /** Rows after a line of text, in the same columns. */
  #continueTable(header: readonly string[], body: readonly string[]): boolean {
    const last = this.passages.at(-1);
    const heading = this.#headings.map(({ text }) => text).join(' > ');
    if (last?.kind !== 'table' || last.page !== this.#page.page || last.heading !== heading) return false;
    const lines = last.content.split('\n');
    const [above] = lines.filter(isHeader);
    const same = header.length === 0 ? above === undefined : header[0] === above;
    if (!same || lines.length + body.length > ROWS) return false;
    this.passages[this.passages.length - 1] = { ...last, content: [...lines, ...body].join('\n') };
    return true;
  }

  /** The header is repeated, so that every figure stands below its column. */
  #endRows(): void {
    const rows = this.#rows;
    this.#rows = [];
    let headers = rows.findIndex((row) => !isHeader(row));
    if (headers === -1) headers = 0;
    // Of several lines of a header, the lowest one is as wide as the rows.
    const header = rows.slice(Math.max(0, headers - 1), headers);
    const body = rows.slice(headers);
    if (this.#continueTable(header, body)) return;
    for (let from = 0; from < body.length; from += ROWS) {
      const content = [...header, ...body.slice(from, from + ROWS)].join('\n');
      if (/\p{L}{2}/u.test(content) || this.#headings.length > 0) this.#push('table', content);
    }
  }
}

/** In reading order; none crosses a page or a heading. */
export function passagesOf(extracted: Extracted): Passage[] {
  const builder = new Builder();
  for (const page of extracted.pages) builder.addPage(page);
  return builder.passages;
}
