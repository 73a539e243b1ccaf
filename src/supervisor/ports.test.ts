import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { it } from 'node:test';
import { takenPorts } from './ports.ts';

const HOST = '127.0.0.1';

it('a port that is taken is named with what wants it and who holds it, a free one is not', async () => {
  const server = createServer().listen(0, HOST);
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const wanted = [{ port, what: 'edge mosquitto' }];
  const name = readFileSync('/proc/self/comm', 'utf8').trim();
  assert.deepEqual(await takenPorts(HOST, wanted), [
    `port ${port} (edge mosquitto): already in use by pid ${process.pid} (${name})`,
  ]);
  server.close();
  await once(server, 'close');
  assert.deepEqual(await takenPorts(HOST, wanted), []);
});
