import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer } from 'node:net';
import { it } from 'node:test';
import { cutConnections } from './cut-connections.ts';

const HOST = '127.0.0.1';

it('a connection to the port is cut at its client, also when the server never answers; others stay', {
  skip: process.getuid?.() !== 0 && 'only the administrator may cut connections of others',
}, async () => {
  const server = createServer((socket) => socket.on('error', () => {}));
  const other = createServer((socket) => socket.on('error', () => {}));
  server.listen(0, HOST);
  other.listen(0, HOST);
  await Promise.all([once(server, 'listening'), once(other, 'listening')]);
  const { port } = server.address() as AddressInfo;
  const lost = connect(port, HOST);
  const kept = connect((other.address() as AddressInfo).port, HOST);
  await Promise.all([once(lost, 'connect'), once(kept, 'connect')]);
  const failed = once(lost, 'error');
  await cutConnections(HOST, port);
  const [error] = await failed;
  assert.equal(error.code, 'ECONNABORTED');
  assert.ok(!kept.destroyed);
  await cutConnections(HOST, port);
  kept.destroy();
  server.close();
  other.close();
});
