/** `tier0 import docs PATH…`: sends documents to a running instance and waits until they can be searched. */
import { readFile, stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { type Static, Type } from 'typebox';
import { Value } from 'typebox/value';
import { askService } from '../lib/ask-service.ts';
import { monotonicMs, sleep } from '../lib/clock.ts';
import { describeError, UsageError } from '../lib/errors.ts';
import { topology } from '../lib/topology.ts';
import { filesOf } from './files.ts';
import { ProgressBar } from './progress-bar.ts';

/** In a folder only these are taken; a file that is named is tried whatever it is called. */
const TAKEN = new Set(['.pdf', '.md', '.markdown', '.txt', '.text', '.html', '.htm']);
const MAX_FILE_BYTES = 64 * 1024 * 1024;
/** A failover in the middle of an import is waited for, an outage is not. */
const WAIT_MS = 60_000;
const POLL_MS = 300;
/** A document that takes longer to read is told to go on in the background. */
const READ_LIMIT_MS = 10 * 60_000;

export type ImportDocsOptions = { readonly portOffset: number; readonly paths: readonly string[] };

type Print = (line: string) => void;

const Document = Type.Object({
  document_id: Type.String(),
  title: Type.String(),
  state: Type.String(),
  failure: Type.Union([Type.Null(), Type.Object({ message: Type.String() })]),
  pages: Type.Integer(),
  pages_read: Type.Integer(),
  passages: Type.Integer(),
});
type Document = Static<typeof Document>;
const Added = Type.Object({ added: Type.Boolean(), document: Document });

/** Exit code 0 when every file is searchable, 1 otherwise. */
export async function importDocs({ portOffset, paths }: ImportDocsOptions, print: Print): Promise<number> {
  if (paths.length === 0) throw new UsageError('import docs takes one file or folder or more');
  const { host, edge } = topology(portOffset);
  const service = `http://${host}:${edge.rag}`;
  const files = await filesOf(paths, TAKEN);
  if (files.length === 0) throw new UsageError('these folders hold no PDF, Markdown, text or HTML file');
  let failed = 0;
  for (const file of files) {
    try {
      print(`${file}: ${await importOne(service, file)}`);
    } catch (error) {
      failed += 1;
      print(`${file}: ${describeError(error)}`);
    }
  }
  if (files.length > 1) print(`${files.length - failed} of ${files.length} files can be searched`);
  return failed === 0 ? 0 : 1;
}

/** What became of it. Throws with the reason when it cannot be searched. */
async function importOne(service: string, file: string): Promise<string> {
  const { size } = await stat(file);
  if (size > MAX_FILE_BYTES)
    throw new Error(`it has ${size} bytes, more than the ${MAX_FILE_BYTES} that are taken`);
  const body = await readFile(file);
  const url = `${service}/api/documents?name=${encodeURIComponent(basename(file))}`;
  const startedMs = monotonicMs();
  const answer = await askService(url, { method: 'POST', body: new Uint8Array(body) }, WAIT_MS);
  if (!Value.Check(Added, answer)) throw new Error('the answer of the service is not understood');
  const { added, document } = answer;
  const done = await untilRead(service, file, document);
  const seconds = ((monotonicMs() - startedMs) / 1_000).toFixed(1);
  const extent = `${done.pages} ${done.pages === 1 ? 'page' : 'pages'}, ${done.passages} passages`;
  return added ? `searchable after ${seconds} s: "${done.title}", ${extent}` : `was there already: ${extent}`;
}

async function untilRead(service: string, file: string, first: Document): Promise<Document> {
  const bar = new ProgressBar(process.stderr, file, 'pages');
  const deadlineMs = monotonicMs() + READ_LIMIT_MS;
  try {
    for (let document = first; ; ) {
      if (document.failure !== null) throw new Error(document.failure.message);
      if (document.state === 'searchable' || document.state === 'indexed') return document;
      if (monotonicMs() > deadlineMs) throw new Error('it is still being read; the page shows how far it is');
      if (document.pages > 0) bar.show(document.pages_read, document.pages, document.pages_read);
      await sleep(POLL_MS);
      const answer = await askService(`${service}/api/documents/${document.document_id}`, {}, WAIT_MS);
      if (!Value.Check(Document, answer)) throw new Error('the answer of the service is not understood');
      document = answer;
    }
  } finally {
    bar.end();
  }
}
