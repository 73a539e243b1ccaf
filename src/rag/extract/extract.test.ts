import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { ExtractFailure } from '../types.ts';
import { type ExtractOptions, extract } from './extract.ts';
import { ExtractError } from './extract-error.ts';
import { type MediaType, mediaTypeOf } from './media-type.ts';
import { lines, makePdf } from './pdf.fixture.ts';

const options = (changes: Partial<ExtractOptions> = {}): ExtractOptions => ({
  signal: new AbortController().signal,
  timeoutMs: 60_000,
  maxPages: 5_000,
  onProgress: () => {},
  ...changes,
});
const read = (
  bytes: Uint8Array,
  changes: Partial<ExtractOptions> = {},
  type: MediaType = 'application/pdf',
) => extract(bytes, type, options(changes));

async function failure(
  bytes: Uint8Array,
  changes: Partial<ExtractOptions> = {},
): Promise<[ExtractFailure, string]> {
  try {
    await read(bytes, changes);
  } catch (error) {
    if (error instanceof ExtractError) return [error.failure, error.publicMessage];
    throw error;
  }
  throw new Error('it was read');
}

const PROSE = 'Everybody on a site wears a hard hat at all times.';

describe('a PDF is read', () => {
  test('with its title, its pages and their printed numbers', async () => {
    const page = (number: number) => ({
      texts: [...lines(50, 700, 10, PROSE), { x: 300, y: 20, size: 8, text: String(number) }],
    });
    const { title, pages } = await read(
      makePdf([page(7), page(8), page(9), page(10)], { title: 'A handbook' }),
    );
    assert.equal(title, 'A handbook');
    assert.deepEqual(
      pages.map(({ page: at, label }) => [at, label]),
      [
        [1, '7'],
        [2, '8'],
        [3, '9'],
        [4, '10'],
      ],
    );
    assert.deepEqual(pages[0]?.blocks, [{ kind: 'paragraph', text: PROSE }]);
  });

  test('one column after the other, with headings by their size', async () => {
    const columns = [
      ...lines(50, 740, 16, 'Work at height'),
      ...lines(50, 700, 10, 'The first line of the left', 'column goes on here.'),
      ...lines(320, 700, 10, 'The right column comes', 'after the left one.'),
    ];
    const { pages } = await read(makePdf([{ texts: columns }]));
    assert.deepEqual(pages[0]?.blocks, [
      { kind: 'heading', level: 1, text: 'Work at height' },
      { kind: 'paragraph', text: 'The first line of the left column goes on here.' },
      { kind: 'paragraph', text: 'The right column comes after the left one.' },
    ]);
  });

  test('with the rows of a table, each figure below its year, and a label of several lines', async () => {
    const cells = (y: number, ...texts: readonly string[]) =>
      texts.map((text, index) => ({ x: 300 + index * 60, y, size: 10, text }));
    const texts = [
      ...lines(50, 740, 10, PROSE, PROSE, PROSE),
      ...cells(600, '2024', '2023', '2022'),
      ...lines(50, 585, 10, 'Tier 1 and tier 2', 'process safety events'),
      ...cells(573, '38', '39', '50'),
      { x: 50, y: 555, size: 10, text: 'Oil spills' },
      { x: 300, y: 555, size: 10, text: '96' },
      { x: 420, y: 555, size: 10, text: '108' },
    ];
    const { pages } = await read(makePdf([{ texts }]));
    assert.deepEqual(
      pages[0]?.blocks.filter(({ kind }) => kind === 'row').map(({ text }) => text),
      [
        ' | 2024 | 2023 | 2022',
        'Tier 1 and tier 2 process safety events | 38 | 39 | 50',
        'Oil spills | 96 |  | 108',
      ],
    );
  });

  test('with 2,000 pages, telling how far it is', async () => {
    const pages = Array.from({ length: 2_000 }, (_, index) => ({
      texts: lines(50, 700, 10, `Page ${index} says this.`),
    }));
    const seen: number[] = [];
    const extracted = await read(makePdf(pages), { onProgress: (pagesRead) => seen.push(pagesRead) });
    assert.equal(extracted.pages.length, 2_000);
    assert.equal(extracted.pages[1_999]?.blocks[0]?.text, 'Page 1999 says this.');
    assert.deepEqual([seen.length, seen.at(-1)], [2_000, 2_000]);
  });
});

describe('a bad file is refused with the reason', () => {
  const good = makePdf([{ texts: lines(50, 700, 10, PROSE) }]);

  test('empty', async () =>
    assert.deepEqual(await failure(new Uint8Array()), ['empty', 'the file is empty']));

  test('broken', async () => {
    assert.equal((await failure(Buffer.from('%PDF-1.4 and then nothing of the kind')))[0], 'broken');
    assert.equal((await failure(good.subarray(0, 300)))[0], 'broken');
    assert.equal((await failure(Buffer.alloc(100_000, 0xa5)))[0], 'broken');
  });

  test('protected by a password', async () => {
    const secret = makePdf([{ texts: lines(50, 700, 10, PROSE) }], { password: 'a password' });
    assert.deepEqual(await failure(secret), ['encrypted', 'the PDF is protected by a password']);
  });

  test('a scan', async () => {
    const scan = makePdf([
      { texts: [], drawing: true },
      { texts: [], drawing: true },
    ]);
    const [code, message] = await failure(scan);
    assert.equal(code, 'no_text');
    assert.match(message, /none of its 2 pages holds text: it is probably a scan/);
  });

  test('of too many pages', async () => {
    const pages = Array.from({ length: 12 }, () => ({ texts: lines(50, 700, 10, PROSE) }));
    const [code, message] = await failure(makePdf(pages), { maxPages: 10 });
    assert.deepEqual([code, message], ['too_many_pages', 'it has 12 pages, more than the 10 that are read']);
  });

  test('that takes too long: its thread is ended', async () => {
    const pages = Array.from({ length: 2_000 }, () => ({ texts: lines(50, 700, 10, PROSE) }));
    assert.equal((await failure(makePdf(pages), { timeoutMs: 100 }))[0], 'too_slow');
  });

  test('and an aborted read rejects with the reason of whoever aborted it', async () => {
    const abort = new AbortController();
    const reading = read(good, { signal: abort.signal });
    abort.abort(new Error('no longer wanted'));
    await assert.rejects(reading, /no longer wanted/);
  });
});

describe('other files', () => {
  test('Markdown has headings by level, items, tables and no signs of its looks', async () => {
    const text =
      '---\na: b\n---\n# Title\n\nA **bold** [link](x).\n\n- one\n- two\n\n## Part\n\n| a | b |\n| --- | --- |\n| 1 | 2 |\n';
    const { title, pages } = await read(Buffer.from(text), {}, 'text/markdown');
    assert.equal(title, 'Title');
    assert.deepEqual(pages[0]?.blocks, [
      { kind: 'heading', level: 1, text: 'Title' },
      { kind: 'paragraph', text: 'A bold link.' },
      { kind: 'paragraph', text: 'one' },
      { kind: 'paragraph', text: 'two' },
      { kind: 'heading', level: 2, text: 'Part' },
      { kind: 'row', text: 'a | b' },
      { kind: 'row', text: '1 | 2' },
    ]);
  });

  test('HTML is read without scripts and menus', async () => {
    const text =
      '<!doctype html><title>T</title><nav>menu</nav><script>alert(1)</script><h2>Head</h2><p>One <b>two</b></p><table><tr><th>a<th>b<tr><td>1<td>2</table>';
    const { title, pages } = await read(Buffer.from(text), {}, 'text/html');
    assert.equal(title, 'T');
    assert.deepEqual(pages[0]?.blocks, [
      { kind: 'heading', level: 2, text: 'Head' },
      { kind: 'paragraph', text: 'One two' },
      { kind: 'row', text: 'a | b' },
      { kind: 'row', text: '1 | 2' },
    ]);
  });

  test('text has paragraphs, and pages where form feeds are', async () => {
    const { pages } = await read(Buffer.from('one\ntwo\n\nthree\ffour'), {}, 'text/plain');
    assert.deepEqual(
      pages.map(({ blocks }) => blocks.map(({ text }) => text)),
      [['one two', 'three'], ['four']],
    );
  });

  test('a type is told by content first; what is no text is of none', () => {
    const bytes = (text: string) => Buffer.from(text, 'latin1');
    assert.equal(mediaTypeOf('x.txt', bytes('%PDF-1.7')), 'application/pdf');
    assert.equal(mediaTypeOf('x.md', bytes('<!DOCTYPE html><p>')), 'text/html');
    assert.equal(mediaTypeOf('x.MD', bytes('# x')), 'text/markdown');
    assert.equal(mediaTypeOf('x.md', bytes('PK\u0003\u0004\u0000\u0000')), null);
    assert.equal(mediaTypeOf('x.docx', bytes('text')), null);
  });
});
