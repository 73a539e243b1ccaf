import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server as HttpServer, type RequestListener } from 'node:http';
import { type AddressInfo, createServer as createTcpServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, before, describe, it } from 'node:test';
import { monotonicMs, sleep } from './clock.ts';
import { UnavailableError } from './errors.ts';
import { Etcd } from './etcd.ts';

const HOST = '127.0.0.1';

async function listen(server: Server): Promise<number> {
  server.listen(0, HOST);
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

async function freePort(): Promise<number> {
  const server = createTcpServer();
  const port = await listen(server);
  server.close();
  await once(server, 'close');
  return port;
}

async function startEtcd(): Promise<{ endpoint: string; stop: () => Promise<void> }> {
  const dir = mkdtempSync(join(tmpdir(), 'tier0-test-etcd-'));
  const [client, peer] = [await freePort(), await freePort()].map((port) => `http://${HOST}:${port}`);
  const args = [
    `--data-dir=${join(dir, 'data')}`,
    `--listen-client-urls=${client}`,
    `--advertise-client-urls=${client}`,
    `--listen-peer-urls=${peer}`,
    `--initial-advertise-peer-urls=${peer}`,
    `--initial-cluster=default=${peer}`,
    '--log-level=error',
    '--logger=zap',
  ];
  const child = spawn('etcd', args, { stdio: 'ignore' });
  const exited = new Promise((resolve) => child.once('close', resolve));
  return {
    endpoint: client ?? '',
    stop: async () => {
      child.kill('SIGKILL');
      await exited;
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

let server: Awaited<ReturnType<typeof startEtcd>>;
let etcd: Etcd;

before(async () => {
  server = await startEtcd();
  etcd = new Etcd({ endpoints: [server.endpoint], deadlineMs: 2_000 });
  for (let attempt = 0; ; attempt++) {
    try {
      await etcd.get('ready');
      return;
    } catch (error) {
      if (attempt < 200) await sleep(50);
      else {
        await server.stop();
        throw error;
      }
    }
  }
});
after(async () => {
  etcd.close();
  await server.stop();
});

const standIns: HttpServer[] = [];
afterEach(() => {
  for (const http of standIns.splice(0)) {
    http.closeAllConnections();
    http.close();
  }
});

/** Endpoint of an HTTP server that stands in front of etcd, or in its place. */
async function standIn(listener: RequestListener): Promise<string> {
  const http = createServer(listener);
  standIns.push(http);
  return `http://${HOST}:${await listen(http)}`;
}

describe('keys', () => {
  it('are read as they were written, with their revision', async () => {
    assert.equal(await etcd.get('/a/none'), null);
    await etcd.put('/a/ü', '{"x":"ß"}');
    const first = await etcd.get('/a/ü');
    assert.deepEqual([first?.key, first?.value], ['/a/ü', '{"x":"ß"}']);
    await etcd.put('/a/ü', '');
    const second = await etcd.get('/a/ü');
    assert.equal(second?.value, '');
    assert.ok((second?.modRevision ?? 0) > (first?.modRevision ?? 0));
  });

  it('are listed by prefix and no further', async () => {
    for (const key of ['/p/a', '/p/b', '/p0', '/o/z']) await etcd.put(key, key);
    assert.deepEqual(
      (await etcd.list('/p/')).map(({ key }) => key),
      ['/p/a', '/p/b'],
    );
    assert.deepEqual(await etcd.list('/nothing/'), []);
  });

  it('are written and listed in one moment', async () => {
    await etcd.put('/l/a', '1');
    const listed = await etcd.putAndList('/l/b', '2', '/l/');
    assert.deepEqual(
      listed.map(({ key, value }) => [key, value]),
      [
        ['/l/a', '1'],
        ['/l/b', '2'],
      ],
    );
  });
});

describe('compareAndSet', () => {
  it('creates only what does not exist, and changes only what has not changed', async () => {
    assert.equal(await etcd.compareAndSet('/c/a', 0, 'first'), true);
    assert.equal(await etcd.compareAndSet('/c/a', 0, 'second'), false);
    const { modRevision = 0 } = (await etcd.get('/c/a')) ?? {};
    assert.equal(await etcd.compareAndSet('/c/a', modRevision, 'third'), true);
    assert.equal(await etcd.compareAndSet('/c/a', modRevision, 'fourth'), false);
    assert.equal((await etcd.get('/c/a'))?.value, 'third');
  });

  it('has exactly one winner in a race', async () => {
    for (let round = 0; round < 10; round++) {
      const key = `/race/${round}`;
      const names = ['a', 'b', 'c', 'd', 'e'];
      const won = await Promise.all(names.map((name) => etcd.compareAndSet(key, 0, name)));
      assert.equal(won.filter(Boolean).length, 1);
      assert.equal((await etcd.get(key))?.value, names[won.indexOf(true)]);
    }
  });

  it('whose answer is lost is of unknown outcome: another member must not answer "not written"', async () => {
    // Passes the request on to etcd and breaks the connection instead of giving the answer.
    const lossy = await standIn(async (request, response) => {
      const body: Buffer[] = [];
      for await (const chunk of request) body.push(chunk);
      await fetch(`${server.endpoint}${request.url}`, {
        method: 'POST',
        body: Buffer.concat(body).toString(),
      });
      response.destroy();
    });
    const client = new Etcd({ endpoints: [lossy, server.endpoint], deadlineMs: 2_000 });
    await assert.rejects(client.compareAndSet('/lost', 0, 'mine'), UnavailableError);
    assert.equal((await etcd.get('/lost'))?.value, 'mine');
    client.close();
  });

  it('goes to the next member when the first refuses the connection', async () => {
    const away = `http://${HOST}:${await freePort()}`;
    const client = new Etcd({ endpoints: [away, server.endpoint], deadlineMs: 2_000 });
    assert.equal(await client.compareAndSet('/second', 0, 'x'), true);
    client.close();
  });
});

describe('a member that fails', () => {
  it('is passed over in its deadline when it does not answer', async () => {
    const silent = await standIn(() => {});
    const client = new Etcd({ endpoints: [silent, server.endpoint], deadlineMs: 200 });
    const startedMs = monotonicMs();
    await etcd.put('/deadline', 'x');
    assert.equal((await client.get('/deadline'))?.value, 'x');
    assert.ok(monotonicMs() - startedMs < 2_000);
    client.close();
  });

  it('is asked last from then on, and first again once it answers', async () => {
    let frozen = true;
    let asked = 0;
    const first = await standIn((_, response) => {
      asked++;
      if (!frozen) response.end('{}');
    });
    const client = new Etcd({ endpoints: [first, server.endpoint], deadlineMs: 100, ailingMs: 150 });
    await client.get('/x');
    assert.ok(client.isAiling(first));
    const startedMs = monotonicMs();
    await client.get('/x');
    assert.ok(monotonicMs() - startedMs < 90, 'the frozen member was asked before the call was answered');
    assert.equal(asked, 1);
    frozen = false;
    await sleep(160);
    // Beside this call the first member is tried again.
    await client.get('/x');
    for (let attempt = 0; attempt < 100 && client.isAiling(first); attempt++) await sleep(10);
    assert.equal(asked, 2);
    await client.get('/x');
    assert.equal(asked, 3);
    client.close();
  });

  it('alone makes the call fail as unavailable, also with an answer that is no JSON', async () => {
    const strange = await standIn((_, response) => void response.end('<html>'));
    const broken = await standIn((_, response) => void response.writeHead(503).end('no leader'));
    for (const endpoint of [strange, broken, `http://${HOST}:${await freePort()}`]) {
      const client = new Etcd({ endpoints: [endpoint], deadlineMs: 500 });
      await assert.rejects(client.get('/x'), UnavailableError);
      client.close();
    }
  });
});

describe('watch', () => {
  it('tells of every change of the key and ends with the signal', async () => {
    const stop = new AbortController();
    let changes = 0;
    const watching = etcd.watch(server.endpoint, '/w/a', stop.signal, () => changes++);
    for (let i = 0; i < 100 && changes === 0; i++) await sleep(20);
    const before = changes;
    await etcd.put('/w/b', 'other');
    await etcd.put('/w/a', 'x');
    for (let i = 0; i < 100 && changes === before; i++) await sleep(20);
    assert.ok(changes > before);
    stop.abort();
    await watching;
  });

  it('ends when the member is away', async () => {
    await etcd.watch(`http://${HOST}:${await freePort()}`, '/w/a', new AbortController().signal, () => {});
  });
});
