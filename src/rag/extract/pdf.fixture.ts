/** PDF files made by hand: text at places, drawings, and the standard encryption. */
import { createHash } from 'node:crypto';

export type Text = { readonly x: number; readonly y: number; readonly size: number; readonly text: string };
export type MadePage = { readonly texts: readonly Text[]; readonly drawing?: boolean };

const PAGE = { width: 600, height: 800 };

/** RC4, which the standard security handler of revision 2 uses. */
function rc4(key: Uint8Array, data: Uint8Array): Buffer {
  const state = Uint8Array.from({ length: 256 }, (_, index) => index);
  let j = 0;
  for (let i = 0; i < 256; i++) {
    j = (j + (state[i] ?? 0) + (key[i % key.length] ?? 0)) % 256;
    [state[i], state[j]] = [state[j] ?? 0, state[i] ?? 0];
  }
  let i = 0;
  j = 0;
  return Buffer.from(
    data.map((byte) => {
      i = (i + 1) % 256;
      j = (j + (state[i] ?? 0)) % 256;
      [state[i], state[j]] = [state[j] ?? 0, state[i] ?? 0];
      return byte ^ (state[((state[i] ?? 0) + (state[j] ?? 0)) % 256] ?? 0);
    }),
  );
}

/** ISO 32000-1, 7.6.3: the string that fills up a password. */
const PAD = Buffer.from('28bf4e5e4e758a4164004e56fffa01082e2e00b6d0683e802f0ca9fe6453697a', 'hex');
const padded = (password: string): Buffer =>
  Buffer.concat([Buffer.from(password, 'latin1'), PAD]).subarray(0, 32);
const md5 = (...parts: readonly Uint8Array[]): Buffer =>
  createHash('md5').update(Buffer.concat(parts)).digest();

/** The /Encrypt dictionary of a file that opens only with the password; what it holds need not be readable. */
function encryption(password: string, id: Buffer): string {
  const owner = rc4(md5(padded(password)).subarray(0, 5), padded(password));
  const permissions = Buffer.alloc(4);
  permissions.writeInt32LE(-4);
  const key = md5(padded(password), owner, permissions, id).subarray(0, 5);
  const user = rc4(key, PAD);
  return `<< /Filter /Standard /V 1 /R 2 /P -4 /O <${owner.toString('hex')}> /U <${user.toString('hex')}> >>`;
}

const escaped = (text: string): string => text.replace(/[\\()]/g, (sign) => `\\${sign}`);

function contentOf({ texts, drawing = false }: MadePage): string {
  const drawn = drawing ? '0.5 g 50 50 500 700 re f\n' : '';
  return (
    drawn +
    texts.map(({ x, y, size, text }) => `BT /F1 ${size} Tf ${x} ${y} Td (${escaped(text)}) Tj ET`).join('\n')
  );
}

/** A PDF with these pages. `password`: it is asked for by whoever opens the file. */
export function makePdf(
  pages: readonly MadePage[],
  options: { readonly title?: string; readonly password?: string } = {},
): Uint8Array {
  const objects: string[] = [];
  const first = 4;
  const kids = pages.map((_, index) => `${first + index * 2} 0 R`);
  objects.push('<< /Type /Catalog /Pages 2 0 R >>');
  objects.push(`<< /Type /Pages /Count ${pages.length} /Kids [${kids.join(' ')}] >>`);
  objects.push('<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>');
  for (const [index, page] of pages.entries()) {
    const content = contentOf(page);
    objects.push(
      `<< /Type /Page /Parent 2 0 R /MediaBox [0 0 ${PAGE.width} ${PAGE.height}] ` +
        `/Resources << /Font << /F1 3 0 R >> >> /Contents ${first + index * 2 + 1} 0 R >>`,
    );
    objects.push(`<< /Length ${content.length} >>\nstream\n${content}\nendstream`);
  }
  const id = md5(Buffer.from('a file of the tests'));
  const extra: string[] = [`/ID [<${id.toString('hex')}> <${id.toString('hex')}>]`];
  if (options.title !== undefined) {
    objects.push(`<< /Title (${escaped(options.title)}) >>`);
    extra.push(`/Info ${objects.length} 0 R`);
  }
  if (options.password !== undefined) {
    objects.push(encryption(options.password, id));
    extra.push(`/Encrypt ${objects.length} 0 R`);
  }
  let body = '%PDF-1.4\n';
  const offsets = objects.map((object, index) => {
    const at = body.length;
    body += `${index + 1} 0 obj\n${object}\nendobj\n`;
    return at;
  });
  const table = offsets.map((at) => `${String(at).padStart(10, '0')} 00000 n \n`).join('');
  const size = objects.length + 1;
  return Buffer.from(
    `${body}xref\n0 ${size}\n0000000000 65535 f \n${table}trailer\n<< /Size ${size} /Root 1 0 R ${extra.join(' ')} >>\nstartxref\n${body.length}\n%%EOF\n`,
    'latin1',
  );
}

/** Lines below each other. */
export const lines = (x: number, y: number, size: number, ...texts: readonly string[]): Text[] =>
  texts.map((text, index) => ({ x, y: y - index * size * 1.2, size, text }));
