/** HTML as browsers read it, without what is not content. */
import { type DefaultTreeAdapterTypes, parse } from 'parse5';
import type { Block, Extracted } from '../types.ts';

type Node = DefaultTreeAdapterTypes.Node;

const LEFT_OUT = new Set([
  'script',
  'style',
  'nav',
  'template',
  'noscript',
  'svg',
  'head',
  'iframe',
  'form',
  'button',
]);
/** Elements that begin a paragraph of their own. */
const APART = new Set(
  'p div section article main header footer aside ul ol li dl dt dd blockquote pre figure figcaption table br hr body'.split(
    ' ',
  ),
);

const childrenOf = (node: Node): readonly Node[] => ('childNodes' in node ? node.childNodes : []);
const squeeze = (text: string): string => text.replace(/\s+/g, ' ').trim();

function textOf(node: Node): string {
  if ('value' in node && node.nodeName === '#text') return node.value;
  if (LEFT_OUT.has(node.nodeName)) return '';
  return childrenOf(node)
    .map(textOf)
    .join(APART.has(node.nodeName) ? ' ' : '');
}

class Reader {
  readonly blocks: Block[] = [];
  #text = '';

  visit(node: Node): void {
    const { nodeName: name } = node;
    if (name === '#text' && 'value' in node) {
      this.#text += node.value;
      return;
    }
    if (LEFT_OUT.has(name)) return;
    const level = /^h([1-6])$/.exec(name)?.[1];
    if (level !== undefined) {
      this.end();
      const text = squeeze(textOf(node));
      if (text !== '') this.blocks.push({ kind: 'heading', level: Number(level), text });
      return;
    }
    if (name === 'tr') {
      this.end();
      const cells = childrenOf(node).filter(({ nodeName }) => nodeName === 'td' || nodeName === 'th');
      const text = cells.map((cell) => squeeze(textOf(cell))).join(' | ');
      if (/[^\s|]/.test(text)) this.blocks.push({ kind: cells.length > 1 ? 'row' : 'paragraph', text });
      return;
    }
    const apart = APART.has(name);
    if (apart) this.end();
    for (const child of childrenOf(node)) this.visit(child);
    if (apart) this.end();
  }

  end(): void {
    const text = squeeze(this.#text);
    this.#text = '';
    if (text !== '') this.blocks.push({ kind: 'paragraph', text });
  }
}

function find(node: Node, name: string): Node | undefined {
  if (node.nodeName === name) return node;
  for (const child of childrenOf(node)) {
    const found = find(child, name);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** One page; the title is the document's, else its first heading. */
export function extractHtml(text: string): Extracted {
  const document = parse(text);
  const reader = new Reader();
  reader.visit(document);
  reader.end();
  const title = find(document, 'title');
  const named = title === undefined ? '' : squeeze(childrenOf(title).map(textOf).join(''));
  const heading = reader.blocks.find(({ kind }) => kind === 'heading')?.text ?? null;
  return { title: named === '' ? heading : named, pages: [{ page: 1, label: null, blocks: reader.blocks }] };
}
