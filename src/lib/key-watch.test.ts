import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, it } from 'node:test';
import { sleep } from './clock.ts';
import { Etcd } from './etcd.ts';
import { KeyWatch } from './key-watch.ts';

/** A member that holds watch streams open and tells of changes only when the test says so. */
class StandIn {
  readonly #http: Server;
  readonly #streams = new Set<ServerResponse>();
  endpoint = '';
  /** Watches that were opened here. */
  opened = 0;
  frozen = false;

  constructor() {
    this.#http = createServer((request, response) => {
      if (this.frozen) return;
      if (request.url !== '/v3/watch') {
        response.end('{}');
        return;
      }
      this.opened++;
      this.#streams.add(response);
      response.write('{"result":{"created":true}}\n');
    });
  }

  async start(): Promise<void> {
    this.#http.listen(0, '127.0.0.1');
    await once(this.#http, 'listening');
    this.endpoint = `http://127.0.0.1:${(this.#http.address() as AddressInfo).port}`;
  }

  tell(): void {
    for (const stream of this.#streams) stream.write('{"result":{"events":[{}]}}\n');
  }

  stop(): void {
    this.#http.closeAllConnections();
    this.#http.close();
  }
}

let members: [StandIn, StandIn, StandIn];
let etcd: Etcd;
let watch: KeyWatch;
let stop: AbortController;
let running: Promise<void>;
let told: number;

beforeEach(async () => {
  members = [new StandIn(), new StandIn(), new StandIn()];
  for (const member of members) await member.start();
  told = 0;
  stop = new AbortController();
  const endpoints = members.map(({ endpoint }) => endpoint);
  etcd = new Etcd({ endpoints, deadlineMs: 100 });
  watch = new KeyWatch(etcd, endpoints, '/key', () => told++);
  running = watch.run(stop.signal);
  await until(() => members[0].opened === 1 && told === 1);
});

afterEach(async () => {
  stop.abort();
  await running;
  etcd.close();
  for (const member of members) member.stop();
});

async function until(condition: () => boolean): Promise<void> {
  for (let attempt = 0; attempt < 300 && !condition(); attempt++) await sleep(10);
  assert.ok(condition());
}

it('goes to the nearest member and tells of its changes', async () => {
  members[0].tell();
  await until(() => told === 2);
  assert.deepEqual(
    members.map(({ opened }) => opened),
    [1, 0, 0],
  );
});

it('moves on at once when its member goes away, round all members', async () => {
  members[0].stop();
  await until(() => members[1].opened === 1);
  members[1].stop();
  await until(() => members[2].opened === 1);
  members[2].tell();
  await until(() => told === 4);
});

it('moves on when its member does not answer a read: a frozen one closes nothing', async () => {
  members[0].frozen = true;
  await etcd.list('/');
  watch.readEnded();
  await until(() => members[1].opened === 1);
});

it('stays when its member answers reads', async () => {
  await etcd.list('/');
  watch.readEnded();
  await sleep(50);
  assert.equal(members[1].opened, 0);
});

it('moves on when a read has found a change that it does not tell', async () => {
  await sleep(300);
  watch.changeFound(stop.signal);
  await until(() => members[1].opened === 1);
});

it('stays when it tells the change a moment later', async () => {
  await sleep(300);
  watch.changeFound(stop.signal);
  members[0].tell();
  await sleep(350);
  assert.equal(members[1].opened, 0);
});
