/** AI Query with real processes: samples, imports, failovers, vectors, and Cohere with its faults by a stand-in. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { Value } from 'typebox/value';
import { pause } from '../../src/lib/clock.ts';
import { CohereStandIn } from '../../src/lib/cohere/stand-in.fixture.ts';
import { eventually, until } from '../../src/lib/eventually.ts';
import { lines, makePdf } from '../../src/rag/extract/pdf.fixture.ts';
import { AddedBody, AnswerBody, DocumentBody, type DocumentsBody, StatsBody } from '../../src/rag/schemas.ts';
import { tier0 } from './harness/command.ts';
import { Questions } from './harness/questions.ts';
import { type System, startSystem } from './harness/system.ts';

const FIRST_QUESTION = 'How many Tier 1 and Tier 2 safety incidents occurred in BP operations in 2024?';
const START_MS = 120_000;
const RETURN_MS = 90_000;
const SAMPLES = 4;

let system: System;
let service: Questions;
let samples: DocumentsBody;
const standIn = new CohereStandIn();
const dir = mkdtempSync(join(tmpdir(), 'tier0-test-docs-'));
before(async () => {
  const url = await standIn.start();
  standIn.fault = { kind: 'status', status: 503 };
  system = await startSystem({
    rag: true,
    env: { COHERE_API_KEY: 'a-key-of-the-tests-only', TIER0_COHERE_URL: url },
  });
  await system.inMode('strict');
  service = new Questions(system.at);
  samples = await eventually('the samples are indexed', START_MS, async () => {
    const all = await service.documents();
    return all.total === SAMPLES && all.documents.every(({ state }) => state === 'indexed') ? all : undefined;
  });
});
after(async () => {
  await system?.stop();
  await standIn.stop();
  rmSync(dir, { recursive: true });
});

describe('a fresh system', () => {
  test('answers the question that everyone asks first, with its citation, also while Cohere is away', async () => {
    for (const port of [system.at.edge.rag, system.at.edge.api, system.at.edge.dashboard]) {
      const path = port === system.at.edge.rag ? '/query' : '/api/query';
      const answer = await service.ask(FIRST_QUESTION, path, port);
      for (const figure of ['38', '3 Tier 1', '35 Tier 2'])
        assert.ok(answer.answer.includes(figure), answer.answer);
      assert.equal(answer.citations[0]?.file_name, 'bp-safety-figures-2024.md');
      assert.deepEqual([answer.provider, answer.synthesized, answer.refused], ['local', false, false]);
      assert.match(answer.fallback_reason ?? '', /^Cohere .*answered locally/);
    }
  });

  test('answers from the live fleet and the access log', async () => {
    const alerts = await service.ask('Which sites have the most devices in ALERT?');
    assert.equal(alerts.type, 'telemetry');
    assert.equal(alerts.data?.[0]?.rows.length, 10);
    await system.api('/api/devices/NOT-THERE');
    await until('the error is in the log', 15_000, async () => {
      const errors = await service.ask('Which IP addresses are generating the most errors?');
      return errors.answer.startsWith('127.0.0.1 caused the most errors');
    });
  });

  test('says what it has', async () => {
    const stats = Value.Parse(StatsBody, (await service.send('/stats')).body);
    assert.equal(stats.documents, SAMPLES);
    const passages = samples.documents.reduce((sum, one) => sum + one.passages, 0);
    assert.deepEqual(
      stats.index_spaces.find(({ model }) => model === 'use-lite-512'),
      {
        model: 'use-lite-512',
        dimensions: 512,
        vectors: passages,
      },
    );
    assert.ok(Object.values(stats.fallbacks).some((count) => count > 0));
  });
});

describe('bad input has a clear answer', () => {
  const refused = async (question: unknown) => {
    const { status, body } = await service.asking(question);
    assert.equal(status, 400);
    assert.ok(
      typeof body === 'object' && body !== null && 'field' in body && body.field === 'question',
      String(question),
    );
  };
  test('a question that is none: empty, blank, 10 kB long, a number, missing', async () => {
    for (const question of ['', '  \n', 'x'.repeat(10_000), 42, undefined]) await refused(question);
  });

  test('a question in another language or with SQL in it is refused for want of evidence, and harms nothing', async () => {
    for (const question of ["'; DROP TABLE document; --", 'Wie viele Helme gab es auf der Baustelle?']) {
      assert.equal((await service.ask(question)).refused, true, question);
    }
    assert.equal((await service.documents()).total, SAMPLES);
  });

  test('a file that is none', async () => {
    assert.equal((await service.upload('empty.pdf', '')).status, 400);
    assert.equal((await service.upload('photo.jpg', Buffer.from([0xff, 0xd8, 0, 0]))).status, 415);
    assert.equal((await service.upload('..', 'text')).status, 400);
    assert.equal((await service.upload('x'.repeat(300), 'text')).status, 400);
    assert.equal((await service.send('/api/documents/not-an-id')).status, 400);
    assert.equal((await service.send(`/api/documents/${'0'.repeat(64)}`)).status, 404);
  });

  test('a PDF that cannot be read says why, and may be sent again', async () => {
    const scan = makePdf([{ texts: [], drawing: true }]);
    for (const [name, content, code] of [
      ['broken.pdf', Buffer.from('%PDF-1.4 nothing of the kind'), 'broken'],
      [
        'secret.pdf',
        makePdf([{ texts: lines(50, 700, 10, 'Secret words here.') }], { password: 'x' }),
        'encrypted',
      ],
      ['scan.pdf', scan, 'no_text'],
    ] as const) {
      const failed = await service.read(name, content);
      assert.deepEqual([failed.state, failed.failure?.code], ['failed', code]);
      assert.equal((await service.upload(name, content)).status, 201);
      await until('it has failed again', 20_000, async () => {
        const { body } = await service.send(`/api/documents/${failed.document_id}`);
        return Value.Parse(DocumentBody, body).state === 'failed';
      });
      await service.remove(failed);
    }
  });
});

describe('documents', () => {
  const NOTE = '# Pump notes\n\nThe feed pump P-17 delivers 420 litres a minute at nominal load.\n';

  test('are found within seconds, the same file twice is one, and a deleted one is cited no more', async () => {
    const added = await service.read('pumps.md', NOTE);
    assert.equal(added.title, 'Pump notes');
    const again = Value.Parse(AddedBody, (await service.upload('another-name.md', NOTE)).body);
    assert.deepEqual([again.added, again.document.document_id], [false, added.document_id]);
    await until('it is cited', 5_000, async () =>
      (
        await service.ask('How many litres a minute does the feed pump P-17 deliver?', '/api/query/documents')
      ).answer.includes('420'),
    );
    assert.equal((await service.send(`/api/documents/${added.document_id}/file`)).body, NOTE);
    assert.equal((await service.remove(added)).status, 204);
    await until('it is not cited', 5_000, async () =>
      (
        await service.ask('How many litres a minute does the feed pump P-17 deliver?', '/api/query/documents')
      ).citations.every(({ document_id }) => document_id !== added.document_id),
    );
  });

  test('come by the command, from folders, two imports at once, and what cannot be read is told', async () => {
    const page = (text: string) => ({ texts: lines(50, 700, 10, text) });
    writeFileSync(
      join(dir, 'a.pdf'),
      makePdf([page('The crane lifts 800 kilograms at most.')], { title: 'Crane' }),
    );
    writeFileSync(join(dir, 'b.md'), '# Boots\n\nBoots of class S3 have a steel cap.\n');
    writeFileSync(join(dir, 'broken.pdf'), '%PDF-1.4 no');
    writeFileSync(join(dir, 'ignored.jpg'), 'x');
    const [one, other] = await Promise.all(
      [0, 1].map(() => tier0(['import', 'docs', dir, ...system.where], 90_000)),
    );
    for (const ended of [one, other]) {
      assert.equal(ended?.code, 1);
      assert.match(ended?.stdout ?? '', /a\.pdf: (searchable after|was there already)/);
      assert.match(ended?.stdout ?? '', /broken\.pdf: the PDF is damaged/);
      assert.match(ended?.stdout ?? '', /2 of 3 files can be searched/);
    }
    const all = await service.documents();
    assert.equal(all.documents.filter(({ title }) => title === 'Crane').length, 1);
    const none = await tier0(['import', 'docs', join(dir, 'not-there'), ...system.where]);
    assert.equal(none.code, 1);
    assert.match(none.stderr, /^tier0: cannot read .*not-there/);
    for (const one of all.documents.filter(({ source }) => source === 'upload')) await service.remove(one);
  });

  test('get their vectors again when they are missing, and those of another model are left alone', async () => {
    await system.sql('UPDATE passage_vector SET model = $1 WHERE model = $2', [
      'an-older-model',
      'use-lite-512',
    ]);
    const { leader } = await system.record();
    const pid = system.signal(leader, 'rag', 'SIGKILL');
    await system.restarted(leader, 'rag', pid);
    await until('the vectors are made anew', START_MS, async () => {
      const rows = await system.sql<{ made: number; all: number }>(
        `SELECT (SELECT count(*)::integer FROM passage_vector WHERE model = 'use-lite-512') AS made,
           (SELECT count(*)::integer FROM passage) AS all`,
      );
      return rows[0] !== undefined && rows[0].made === rows[0].all;
    });
    const spaces = Value.Parse(StatsBody, (await service.send('/stats')).body).index_spaces.map(
      ({ model }) => model,
    );
    assert.ok(spaces.includes('an-older-model') && spaces.includes('use-lite-512'));
    assert.ok((await service.ask(FIRST_QUESTION)).answer.includes('38'));
  });
});

describe('Cohere', () => {
  test('writes the answer from passages of its own space once it is there, and the citation is the passage', async () => {
    standIn.fault = { kind: 'none' };
    const answer = await eventually('Cohere answers', START_MS, async () => {
      const given = await service.ask('When is a hard hat replaced?', '/api/query/documents');
      return given.synthesized ? given : undefined;
    });
    assert.equal(answer.provider, 'cohere');
    assert.equal(answer.fallback_reason, undefined);
    assert.ok(answer.answer.includes('five years') && answer.answer.includes('[1]'), answer.answer);
    assert.ok(answer.citations[0]?.passage.includes('five years'));
  });

  test('that invents a figure is not believed', async () => {
    standIn.fault = { kind: 'invents' };
    const answer = await service.ask('When is a hard hat replaced?', '/api/query/documents');
    assert.deepEqual([answer.synthesized, answer.answer.includes('987654')], [false, false]);
    assert.match(answer.fallback_reason ?? '', /figures that stand in no cited passage/);
  });

  for (const fault of [
    { kind: 'hang' },
    { kind: 'status', status: 429 },
    { kind: 'garbage', body: 'nothing of the kind' },
  ] as const) {
    test(`${fault.kind}: the local path answers within its deadline and says so`, async () => {
      standIn.fault = fault;
      const answer = await service.ask('When is a hard hat replaced?', '/api/query/documents');
      assert.ok(answer.answer.includes('five years'), answer.answer);
      assert.equal(answer.provider, 'local');
      assert.ok(answer.fallback_reason !== undefined && answer.query_time_ms < 13_000);
    });
  }
});

describe('a failover', () => {
  test('in the middle of questions loses no answer: every one is right, from whichever region', async (t) => {
    standIn.fault = { kind: 'status', status: 503 };
    const { leader, epoch } = await system.inMode('strict', RETURN_MS);
    const stop = new AbortController();
    let right = 0;
    const wrong: string[] = [];
    const questions = (async () => {
      while (await pause(100, stop.signal)) {
        const { status, body } = await service.asking(FIRST_QUESTION);
        if (status === 200 && Value.Parse(AnswerBody, body).answer.includes('38')) right += 1;
        else wrong.push(`${status} ${JSON.stringify(body)}`);
      }
    })();
    await pause(1_000, stop.signal);
    system.signalRegion(leader, 'SIGKILL');
    await until('the other one leads', 30_000, async () => (await system.record()).epoch > epoch);
    await pause(3_000, stop.signal);
    stop.abort();
    await questions;
    t.diagnostic(`ledger: answered ${right}, lost ${wrong.length}`);
    assert.deepEqual(wrong, []);
    assert.ok(right > 5, `${right}`);
    const kept = await eventually(
      'the documents are listed',
      20_000,
      async () => (await service.documents()).total,
    );
    assert.equal(kept, SAMPLES);
  });

  test('leaves the other region to read what is added', async () => {
    const added = await service.read('after.md', '# After\n\nThe spare region reads documents as well.\n');
    assert.notEqual(added.state, 'failed');
    await service.remove(added);
  });
});
