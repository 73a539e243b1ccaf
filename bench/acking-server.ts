/**
 * MQTT servers for comparison, one per process: `aedes` is the library with an authorizePublish that agrees
 * at once, `counting` finds the frames and acknowledges them, which is the least that a server can do.
 * Listens on a free port of 127.0.0.1 and tells it to its parent.
 */
import { createServer, type Server, type Socket } from 'node:net';
import { Aedes } from 'aedes';
import { generate } from 'mqtt-packet';

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

const server = process.argv[2] === 'aedes' ? await aedesServer() : countingServer();
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no TCP address');
  process.send?.({ port: address.port });
});
process.on('disconnect', () => process.exit(0));
