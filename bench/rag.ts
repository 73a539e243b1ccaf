/**
 * Questions to the AI Query service of an instance that runs, one after the other, as a person asks: how long each
 * takes, and what the service holds in memory.
 *   node bench/rag.ts [--data-dir DIR] [--port-offset N] [--questions 300]
 * With --document FILE it is imported first, and it is told when it could be searched by words and when by meaning.
 */
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { Value } from 'typebox/value';
import { monotonicMs, sleep } from '../src/lib/clock.ts';
import { Histogram } from '../src/lib/histogram.ts';
import { readRunState } from '../src/lib/run-state.ts';
import { DATA_REGIONS, topology } from '../src/lib/topology.ts';
import { AddedBody, AnswerBody, DocumentBody, StatsBody } from '../src/rag/schemas.ts';
import { wholeNumber } from '../src/supervisor/config.ts';
import { benchOptions } from './instance.ts';
import { fixed, table } from './table.ts';

const INDEX_LIMIT_MS = 30 * 60_000;
const POLL_MS = 200;
const QUESTIONS = [
  'How many Tier 1 and Tier 2 safety incidents occurred in BP operations in 2024?',
  'What does the handbook say about working at height?',
  'When is a hard hat replaced?',
  'What is the discount rate for pension plan liabilities in 2024?',
  'Which site had a fall from a ladder?',
  'How often is the oil of a thermal engine changed?',
  'What happens when methane reaches 20 % of the lower explosive limit?',
  'Who is the chief executive officer?',
  'How many oil spills were there in 2024?',
  'What is the emergency number?',
  'How is a confined space entered?',
  'How many goals did Brazil score in 1970?',
];

export async function run(args: string[]): Promise<number> {
  const { dataDir, portOffset, given } = benchOptions(args, ['questions', 'document']);
  const count = wholeNumber('--questions', given.questions, 300, 1, 100_000);
  const { host, edge } = topology(portOffset);
  const service = `http://${host}:${edge.rag}`;
  if (given.document !== undefined) await importDocument(service, given.document);
  const latency = new Histogram();
  for (let asked = 0; asked < count; asked++) {
    const startedMs = monotonicMs();
    const response = await fetch(`${service}/query`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ question: QUESTIONS[asked % QUESTIONS.length] }),
    });
    Value.Parse(AnswerBody, await response.json());
    latency.record(monotonicMs() - startedMs);
  }
  const stats = Value.Parse(StatsBody, await (await fetch(`${service}/stats`)).json());
  const row = [
    String(stats.passages),
    String(count),
    fixed(latency.quantileMs(0.5), 1),
    fixed(latency.quantileMs(0.99), 1),
    DATA_REGIONS.map((region) => `${region} ${residentMb(dataDir, region)}`).join(', '),
  ];
  process.stdout.write(`${table(['passages', 'questions', 'p50 ms', 'p99 ms', 'resident MB'], [row])}\n`);
  return 0;
}

function residentMb(dataDir: string, region: (typeof DATA_REGIONS)[number]): string {
  const pid = readRunState(dataDir, region)?.processes.find(({ name }) => name === 'rag')?.pid;
  const status = pid === undefined || pid === null ? '' : readFileSync(`/proc/${pid}/status`, 'utf8');
  const kb = /^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1];
  return kb === undefined ? '–' : String(Math.round(Number(kb) / 1024));
}

async function importDocument(service: string, file: string): Promise<void> {
  const startedMs = monotonicMs();
  const response = await fetch(`${service}/api/documents?name=${encodeURIComponent(basename(file))}`, {
    method: 'POST',
    headers: { 'content-type': 'application/octet-stream' },
    body: Uint8Array.from(readFileSync(file)),
  });
  const { document } = Value.Parse(AddedBody, await response.json());
  const tell = (what: string, { pages, passages }: DocumentBody): void => {
    const seconds = ((monotonicMs() - startedMs) / 1_000).toFixed(1);
    process.stdout.write(`${what} after ${seconds} s: ${pages} pages, ${passages} passages\n`);
  };
  let told = false;
  while (monotonicMs() - startedMs < INDEX_LIMIT_MS) {
    const answer = await fetch(`${service}/api/documents/${document.document_id}`);
    const now = Value.Parse(DocumentBody, await answer.json());
    if (now.failure !== null) throw new Error(now.failure.message);
    if (!told && (now.state === 'searchable' || now.state === 'indexed')) {
      told = true;
      tell('searchable by words', now);
    }
    if (now.state === 'indexed') {
      tell('searchable by meaning', now);
      return;
    }
    await sleep(POLL_MS);
  }
  throw new Error('the document is not indexed in half an hour');
}
