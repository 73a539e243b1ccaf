/** `tier0 eval rag FILE`: how well the local path finds and answers, by method, as a table. Starts nothing else. */
import { pino } from 'pino';
import { LocalEmbedder } from '../../lib/embed/local.ts';
import { textOf } from '../passage-text.ts';
import { SearchIndex } from '../search/index.ts';
import { COLUMNS, Measurement, type Question, type Summary, summarize } from './measure.ts';
import { type QuestionSet, readQuestionSet } from './question-set.ts';

const BATCH = 16;

type Print = (line: string) => void;

/** Share of the words in a passage's score; undefined: as the service has it. */
const METHODS: readonly (readonly [name: string, share: number | undefined])[] = [
  ['words alone', 1],
  ['meaning alone', 0],
  ['words and meaning', undefined],
];

async function embedAll(texts: readonly string[], what: string): Promise<Float32Array[]> {
  const embedder = new LocalEmbedder(pino({ level: 'silent' }));
  const vectors: Float32Array[] = [];
  try {
    for (let from = 0; from < texts.length; from += BATCH) {
      const signal = new AbortController().signal;
      vectors.push(...(await embedder.embed(texts.slice(from, from + BATCH), 'passage', signal)));
      if (process.stderr.isTTY) process.stderr.write(`\r${what}: ${vectors.length} of ${texts.length}`);
    }
  } finally {
    if (process.stderr.isTTY) process.stderr.write('\r\u001b[K');
    await embedder.close();
  }
  return vectors;
}

function indexOf(set: QuestionSet, vectors: readonly Float32Array[]): SearchIndex {
  const index = new SearchIndex(vectors[0]?.length ?? 0);
  for (const [at, { id, title = '', text }] of set.docs.entries()) {
    const passage = {
      ordinal: 0,
      page: 1,
      pageLabel: null,
      heading: '',
      kind: 'prose' as const,
      content: text,
    };
    index.put({ documentId: id, title, fileName: '', mediaType: 'text/plain' }, [passage]);
    const vector = vectors[at];
    if (vector !== undefined) index.setVectors(id, 0, [vector]);
  }
  return index;
}

const cells = (summary: Summary): string[] =>
  Object.entries(summary).map(([key, value]) => (key === 'p50Ms' ? value.toFixed(1) : value.toFixed(3)));

function printTable(rows: readonly (readonly string[])[], print: Print): void {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  for (const row of rows) {
    print(
      row
        .map((cell, column) =>
          column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0),
        )
        .join('  '),
    );
  }
}

/** Exit code 0. Throws UsageError for a file that is no such set. */
export async function evalRag(file: string, print: Print): Promise<number> {
  const set = readQuestionSet(file);
  const documents = await embedAll(
    set.docs.map(({ title = '', text }) => textOf({ heading: title, kind: 'prose', content: text })),
    'documents',
  );
  const asked = await embedAll(
    set.qs.map(({ text }) => text),
    'questions',
  );
  const measurement = new Measurement(indexOf(set, documents), set);
  const questions = set.qs.flatMap((question, at): Question[] => {
    const vector = asked[at];
    return vector === undefined ? [] : [{ ...question, vector }];
  });
  print(`${set.docs.length} documents, ${set.qs.length} questions`);
  const rows: string[][] = [['method', ...Object.values(COLUMNS)]];
  for (const [name, share] of METHODS) {
    const outcomes = questions.map((question) => measurement.ask(question, share));
    rows.push([name, ...cells(summarize(outcomes))]);
    if (share !== undefined) continue;
    for (const [half, label] of ['even questions (fitted)', 'odd questions'].entries()) {
      rows.push([`  ${label}`, ...cells(summarize(outcomes.filter((_, at) => at % 2 === half)))]);
    }
  }
  printTable(rows, print);
  return 0;
}
