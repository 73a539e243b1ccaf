/** Markdown as blocks: what is said, without how it is set. */
import type { Block, Extracted } from '../types.ts';

/** What surrounds words only for looks, and the target of a link. */
function plain(text: string): string {
  return text
    .replace(/!\[([^\]]*)\]\([^)]*\)/g, '$1')
    .replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')
    .replace(/<\/?[a-z][^>]*>/gi, '')
    .replace(/(\*\*|__|\*|`+|~~)(?=\S)(.+?)(?<=\S)\1/g, '$2')
    .trim();
}

const cells = (line: string): string[] =>
  line
    .trim()
    .replace(/^\||\|$/g, '')
    .split(/(?<!\\)\|/)
    .map((cell) => plain(cell.replaceAll('\\|', '|')));

class Reader {
  readonly blocks: Block[] = [];
  #paragraph: string[] = [];
  #fence: string | null = null;

  line(line: string): void {
    const fence = /^\s*(```+|~~~+)/.exec(line)?.[1]?.slice(0, 3) ?? null;
    if (this.#fence !== null) this.#code(line, fence);
    else if (fence !== null) {
      this.end();
      this.#fence = fence;
    } else if (!this.#isHeading(line) && !this.#isRow(line)) this.#text(line);
  }

  #code(line: string, fence: string | null): void {
    if (fence === this.#fence) this.#fence = null;
    else if (line.trim() !== '') this.blocks.push({ kind: 'paragraph', text: line.trim() });
  }

  /** With signs before it, or a line below it. */
  #isHeading(line: string): boolean {
    const heading = /^\s{0,3}(#{1,6})\s+(.*?)\s*#*\s*$/.exec(line);
    if (heading !== null) {
      this.#heading(heading[1]?.length ?? 1, heading[2] ?? '');
      return true;
    }
    const underline = /^\s*(=+|-{2,})\s*$/.exec(line)?.[1];
    const [text] = this.#paragraph;
    if (underline === undefined || text === undefined || this.#paragraph.length > 1) return false;
    this.#paragraph = [];
    this.#heading(underline.startsWith('=') ? 1 : 2, text);
    return true;
  }

  #isRow(line: string): boolean {
    if (!/^\s*\|.*\|\s*$/.test(line)) return false;
    this.end();
    if (!/^[\s|:-]+$/.test(line)) this.blocks.push({ kind: 'row', text: cells(line).join(' | ') });
    return true;
  }

  #text(line: string): void {
    const item = /^\s*(?:[-*+]|\d+[.)])\s+(.*)$/.exec(line)?.[1];
    if (item !== undefined || line.trim() === '') this.end();
    if (/^\s*([-*_])(\s*\1){2,}\s*$/.test(line)) return;
    const text = (item ?? line).replace(/^\s*>\s?/, '').trim();
    if (text !== '') this.#paragraph.push(text);
  }

  #heading(level: number, text: string): void {
    this.end();
    if (plain(text) !== '') this.blocks.push({ kind: 'heading', level, text: plain(text) });
  }

  end(): void {
    const text = plain(this.#paragraph.join(' '));
    this.#paragraph = [];
    if (text !== '') this.blocks.push({ kind: 'paragraph', text });
  }
}

/** One page; the title is the first heading of the first level. */
export function extractMarkdown(text: string): Extracted {
  const reader = new Reader();
  const body = text.replace(/^\ufeff?---\r?\n[\s\S]*?\r?\n---\r?\n/, '');
  for (const line of body.split(/\r?\n/)) reader.line(line);
  reader.end();
  const title = reader.blocks.find((block) => block.kind === 'heading' && block.level === 1)?.text ?? null;
  return { title, pages: [{ page: 1, label: null, blocks: reader.blocks }] };
}
