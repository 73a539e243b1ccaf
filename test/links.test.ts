/** Links in the documentation lead somewhere. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { test } from 'node:test';
import { ourFiles, ROOT } from './source-facts.ts';

const withoutCode = (markdown: string): string =>
  markdown.replace(/^(```|~~~)[\s\S]*?^\1/gm, '').replace(/`[^`\n]*`/g, '');

/** Anchors as GitHub makes them from headings: lower case, punctuation dropped, spaces to hyphens. */
function anchorsOf(path: string): Set<string> {
  const anchors = new Set<string>();
  const counts = new Map<string, number>();
  const text = readFileSync(path, 'utf8').replace(/^(```|~~~)[\s\S]*?^\1/gm, '');
  for (const [, heading = ''] of text.matchAll(/^#{1,6}\s+(.+?)\s*#*$/gm)) {
    const plain = heading.replace(/\[([^\]]*)\]\([^)]*\)/g, '$1').replace(/[`*]/g, '');
    const slug = plain
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, '')
      .replace(/\s/g, '-');
    const count = counts.get(slug) ?? 0;
    counts.set(slug, count + 1);
    anchors.add(count === 0 ? slug : `${slug}-${count}`);
  }
  for (const [, id = ''] of text.matchAll(/<a\s+(?:id|name)="([^"]+)"/g)) anchors.add(id);
  return anchors;
}

function linksOf(markdown: string): string[] {
  const text = withoutCode(markdown);
  const inline = [...text.matchAll(/\]\(\s*<?([^)\s>]+)>?(?:\s+"[^"]*")?\s*\)/g)];
  const references = [...text.matchAll(/^\[[^\]]+\]:\s*<?(\S+?)>?\s*$/gm)];
  const html = [...text.matchAll(/<(?:img|a|source)\s[^>]*?(?:src|href|srcset)="([^"]+)"/g)];
  return [...inline, ...references, ...html].map(([, target = '']) => target);
}

function brokenReason(page: string, link: string): string | null {
  const [file = '', anchor] = decodeURI(link).split('#');
  const target = file === '' ? join(ROOT, page) : resolve(ROOT, dirname(page), file);
  if (relative(ROOT, target).startsWith('..')) return 'leads out of the repository';
  if (!existsSync(target)) return 'there is no such file';
  if (anchor === undefined || !target.endsWith('.md')) return null;
  return anchorsOf(target).has(anchor) ? null : 'there is no such heading';
}

test('relative links and anchors in Markdown files resolve', () => {
  const broken = ourFiles('**/*.md').flatMap((page) =>
    linksOf(readFileSync(join(ROOT, page), 'utf8'))
      .filter((link) => !/^[a-z][a-z0-9+.-]*:/i.test(link))
      .flatMap((link) => {
        const reason = brokenReason(page, link);
        return reason === null ? [] : [`${page}: ${link}: ${reason}`];
      }),
  );
  assert.equal(broken.length, 0, `\n${broken.join('\n')}\n`);
});
