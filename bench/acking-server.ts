/**
 * MQTT servers for comparison, one per process: `aedes` is the library with an authorizePublish that agrees
 * at once, `ingest` is the server that ingest is built on, acknowledging at once, and `counting` finds the
 * frames and acknowledges them, which is the least that a server can do.
 * Listens on a free port of 127.0.0.1 and tells it to its parent.
 */
import { createServer, type Server, type Socket } from 'node:net';
import { Aedes } from 'aedes';
import { generate } from 'mqtt-packet';
import type { Publisher } from '../src/ingest/batch.ts';
import { MqttServer } from '../src/ingest/mqtt-server.ts';
import { createLog } from '../src/lib/log.ts';
import { freePort } from './free-port.ts';

const HOST = '127.0.0.1';
const CONNACK = generate({ cmd: 'connack', returnCode: 0, sessionPresent: false });
const CONNECT_TYPE = 1;
const PUBLISH_TYPE = 3;

async function aedesServer(): Promise<Server> {
  const broker = await Aedes.createBroker({
    authorizePublish: (_client, _packet, callback) => callback(null),
  });
  return createServer((socket) => broker.handle(socket));
}

function countingServer(): Server {
  return createServer({ noDelay: true }, (socket) => {
    let rest: Buffer = Buffer.alloc(0);
    socket.on('data', (chunk) => {
      const bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
      rest = Buffer.from(bytes.subarray(answer(socket, bytes)));
    });
    socket.on('error', () => socket.destroy());
  });
}

/** Answers every whole frame in `bytes`, returns where the first incomplete one begins. */
function answer(socket: Socket, bytes: Buffer): number {
  const acks = Buffer.allocUnsafe(bytes.length);
  let used = 0;
  let at = 0;
  while (at + 4 < bytes.length) {
    let remaining = 0;
    let digit = 0;
    let value = 0;
    do {
      value = bytes[at + 1 + digit] ?? 0;
      remaining += (value & 0x7f) << (7 * digit);
      digit++;
    } while (value >= 128 && digit < 4);
    const body = at + 1 + digit;
    if (body + remaining > bytes.length) break;
    const type = (bytes[at] ?? 0) >>> 4;
    if (type === CONNECT_TYPE) socket.write(CONNACK);
    if (type === PUBLISH_TYPE) {
      const idAt = body + 2 + bytes.readUInt16BE(body);
      acks[used] = 0x40;
      acks[used + 1] = 2;
      acks[used + 2] = bytes[idAt] ?? 0;
      acks[used + 3] = bytes[idAt + 1] ?? 0;
      used += 4;
    }
    at = body + remaining;
  }
  if (used > 0) socket.write(acks.subarray(0, used));
  return at;
}

/** Acknowledgements go out once for all messages of one read, as after the commit of a batch. */
function ingestServer(port: number): MqttServer {
  const owed = new Set<Publisher>();
  const flush = (): void => {
    for (const publisher of owed) publisher.flushAcknowledgements();
    owed.clear();
  };
  return new MqttServer({
    host: HOST,
    port,
    connectionsMax: 1_024,
    packetMaxBytes: 65_536,
    receiveMaximum: 65_535,
    log: createLog('bench', ''),
    publish: (publisher, _topic, _payload, packetId, qos) => {
      if (owed.size === 0) queueMicrotask(flush);
      publisher.acknowledge(packetId, qos);
      owed.add(publisher);
    },
  });
}

function listen(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, HOST, resolve);
  });
}

const port = await freePort();
switch (process.argv[2]) {
  case 'aedes':
    await listen(await aedesServer(), port);
    break;
  case 'ingest':
    await ingestServer(port).listen();
    break;
  case 'counting':
    await listen(countingServer(), port);
    break;
  default:
    throw new Error(`unknown server "${process.argv[2]}"`);
}
process.send?.({ port });
process.on('disconnect', () => process.exit(0));
