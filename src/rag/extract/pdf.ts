/** Pages of a PDF: pdf.js reads it, our own grouping makes lines, paragraphs and rows of what it draws. */
import { getDocumentProxy } from 'unpdf';
import type { Extracted, Page } from '../types.ts';
import { ExtractError } from './extract-error.ts';
import { Blocks, bodySize } from './pdf-blocks.ts';
import { type Line, linesOf, type Run } from './pdf-lines.ts';

type Pdf = Awaited<ReturnType<typeof getDocumentProxy>>;

/** Of the page's height: what stands there on many pages is a running title or a page number. */
const MARGIN = 0.085;
/** A line of the margins that stands on so many pages is no content. */
const REPEATED = 4;

export type PdfOptions = {
  readonly maxPages: number;
  readonly onProgress: (pagesRead: number, pages: number) => void;
};

async function open(bytes: Uint8Array): Promise<Pdf> {
  if (bytes.length === 0) throw new ExtractError('empty', 'the file is empty');
  try {
    return await getDocumentProxy(bytes, { verbosity: 0 });
  } catch (error) {
    const name = error instanceof Error ? error.name : '';
    if (name === 'PasswordException')
      throw new ExtractError('encrypted', 'the PDF is protected by a password');
    const why = error instanceof Error ? error.message : String(error);
    throw new ExtractError('broken', `the PDF is damaged and cannot be opened (${why.replace(/\.$/, '')})`);
  }
}

type Drawn = { readonly lines: readonly Line[]; readonly height: number };

async function readPage(pdf: Pdf, number: number): Promise<Drawn> {
  const page = await pdf.getPage(number);
  const [, bottom = 0, , top = 0] = page.view;
  const { items } = await page.getTextContent();
  const runs = items.flatMap((item): Run[] => {
    if (!('str' in item)) return [];
    const [a = 0, b = 0, , , x = 0, y = 0] = item.transform.map(Number);
    // Text that stands upright or on its head is decoration or the label of an axis.
    if (Math.abs(b) > Math.abs(a) || a < 0) return [];
    return [{ text: item.str, x, y: y - bottom, width: item.width, size: Math.abs(a), font: item.fontName }];
  });
  page.cleanup();
  return { lines: linesOf(runs), height: top - bottom };
}

const inMargin = ({ y }: Line, height: number): boolean => y < MARGIN * height || y > (1 - MARGIN) * height;
const plain = (line: Line): string =>
  line.cells
    .map(({ text }) => text)
    .join(' ')
    .replace(/\d+/g, '#');

/** Lines of the margins that many pages have, apart from their numbers. */
function repeated(pages: readonly Drawn[]): Set<string> {
  const counts = new Map<string, number>();
  for (const { lines, height } of pages) {
    for (const text of new Set(lines.filter((line) => inMargin(line, height)).map(plain))) {
      counts.set(text, (counts.get(text) ?? 0) + 1);
    }
  }
  return new Set([...counts].filter(([, count]) => count >= REPEATED).map(([text]) => text));
}

/** A number that stands alone in a margin. */
function printedNumber({ lines, height }: Drawn): string | null {
  for (const line of lines.filter((one) => inMargin(one, height))) {
    const found = line.cells.find(({ text }) => /^\d{1,4}$/.test(text));
    if (found !== undefined) return found.text;
  }
  return null;
}

async function labelsOf(pdf: Pdf, drawn: readonly Drawn[]): Promise<(string | null)[]> {
  const given = await pdf.getPageLabels();
  if (given !== null && given.length === drawn.length)
    return given.map((label) => (label === '' ? null : label));
  return drawn.map(printedNumber);
}

/** Throws ExtractError. */
export async function extractPdf(
  bytes: Uint8Array,
  { maxPages, onProgress }: PdfOptions,
): Promise<Extracted> {
  const pdf = await open(bytes);
  try {
    const count = pdf.numPages;
    if (count === 0) throw new ExtractError('empty', 'the PDF has no pages');
    if (count > maxPages) {
      throw new ExtractError(
        'too_many_pages',
        `it has ${count} pages, more than the ${maxPages} that are read`,
      );
    }
    const drawn: Drawn[] = [];
    for (let number = 1; number <= count; number++) {
      drawn.push(await readPage(pdf, number));
      onProgress(number, count);
    }
    const labels = await labelsOf(pdf, drawn);
    const running = repeated(drawn);
    const size = bodySize(drawn.flatMap(({ lines }) => lines));
    const pages = drawn.map(({ lines, height }, index): Page => {
      const content = lines.filter((line) => !inMargin(line, height) || !running.has(plain(line)));
      return { page: index + 1, label: labels[index] ?? null, blocks: Blocks.of(content, size) };
    });
    if (pages.every(({ blocks }) => blocks.length === 0)) {
      const which = count === 1 ? 'its one page holds no text' : `none of its ${count} pages holds text`;
      throw new ExtractError('no_text', `${which}: it is probably a scan, and pictures of text are not read`);
    }
    return { title: await titleOf(pdf), pages };
  } catch (error) {
    if (error instanceof ExtractError) throw error;
    throw new ExtractError(
      'broken',
      `the PDF is damaged: ${error instanceof Error ? error.message : String(error)}`,
    );
  } finally {
    await pdf.loadingTask.destroy();
  }
}

/** What the file calls itself; what its program put there instead of a title is none. */
async function titleOf(pdf: Pdf): Promise<string | null> {
  const { info } = await pdf.getMetadata();
  const title: unknown = Reflect.get(info, 'Title');
  if (typeof title !== 'string') return null;
  const trimmed = title.trim();
  return trimmed === '' || /^(untitled|microsoft word)|\.(docx?|indd|pdf)$/i.test(trimmed) ? null : trimmed;
}
