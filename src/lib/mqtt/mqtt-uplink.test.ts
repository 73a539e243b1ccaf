import assert from 'node:assert/strict';
import { createServer, type Server, type Socket } from 'node:net';
import { test } from 'node:test';
import { generate, type IPublishPacket, type Packet, parser } from 'mqtt-packet';
import { monotonicMs, sleep } from '../clock.ts';
import { createLog } from '../log.ts';
import { Random } from '../random.ts';
import { type Address, MqttUplink } from './mqtt-uplink.ts';

/** An MQTT server that keeps what is published and acknowledges only when told to. */
class Broker {
  readonly published: IPublishPacket[] = [];
  /** Answers not even pings. */
  silent = false;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #acknowledge: boolean;

  constructor(acknowledge: boolean) {
    this.#acknowledge = acknowledge;
    this.#server = createServer((socket) => {
      this.#sockets.add(socket);
      const reader = parser({ protocolVersion: 4 });
      reader.on('packet', (packet) => this.#onPacket(socket, packet));
      socket.on('data', (chunk) => reader.parse(chunk));
      socket.on('error', () => socket.destroy());
    });
  }

  async listen(): Promise<Address> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    const address = this.#server.address();
    assert.ok(address !== null && typeof address === 'object');
    return { host: '127.0.0.1', port: address.port };
  }

  cut(): void {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
  }

  #onPacket(socket: Socket, packet: Packet): void {
    if (packet.cmd === 'connect') {
      socket.write(generate({ cmd: 'connack', returnCode: 0, sessionPresent: false }));
    }
    if (packet.cmd === 'pingreq' && !this.silent) socket.write(generate({ cmd: 'pingresp' }));
    if (packet.cmd !== 'publish') return;
    this.published.push(packet);
    const { messageId } = packet;
    if (this.#acknowledge && messageId !== undefined) socket.write(generate({ cmd: 'puback', messageId }));
  }
}

function uplinkTo(
  addresses: readonly Address[],
  windowMessages: number,
  silenceDeadlineMs = 10_000,
): { uplink: MqttUplink; acked: number[] } {
  const acked: number[] = [];
  const uplink = new MqttUplink({
    addresses,
    clientId: 'test',
    windowMessages,
    silenceDeadlineMs,
    random: new Random(1),
    log: createLog('test', 'test').child({}, { level: 'silent' }),
    onAcknowledged: (deviceNo) => acked.push(deviceNo),
  });
  return { uplink, acked };
}

async function until(uplink: MqttUplink, condition: () => boolean): Promise<void> {
  const giveUpMs = monotonicMs() + 5_000;
  while (!condition()) {
    assert.ok(monotonicMs() < giveUpMs, 'condition not met within 5 s');
    uplink.tick();
    await sleep(5);
  }
}

test('what one server did not acknowledge is sent to the next with DUP, in order and once', async () => {
  const [deaf, good] = [new Broker(false), new Broker(true)];
  const { uplink, acked } = uplinkTo([await deaf.listen(), await good.listen()], 10);
  await until(uplink, () => uplink.connected);
  for (const no of [1, 2, 3]) assert.ok(uplink.offer('t', `p${no}`, no, no));
  uplink.flush();
  await until(uplink, () => deaf.published.length === 3);
  deaf.cut();
  await until(uplink, () => !uplink.connected);
  assert.ok(uplink.offer('t', 'p4', 4, 4));
  await until(uplink, () => acked.length === 4);
  assert.deepEqual(
    good.published.map(({ payload, dup }) => [payload.toString(), dup]),
    [
      ['p1', true],
      ['p2', true],
      ['p3', true],
      ['p4', false],
    ],
  );
  assert.deepEqual(acked, [1, 2, 3, 4]);
  assert.deepEqual(uplink.counts, { sent: 4, resent: 3, acknowledged: 4, reconnects: 1 });
  uplink.close();
  good.cut();
});

test('a full window refuses readings instead of buffering them', async () => {
  const deaf = new Broker(false);
  const { uplink } = uplinkTo([await deaf.listen()], 2);
  await until(uplink, () => uplink.connected);
  assert.ok(uplink.offer('t', 'a', 1, 1));
  assert.ok(uplink.offer('t', 'b', 2, 2));
  assert.equal(uplink.offer('t', 'c', 3, 3), false);
  assert.equal(uplink.inFlight, 2);
  uplink.close();
  deaf.cut();
});

test('a server that holds what it was sent and answers pings is left only when it falls silent', async () => {
  const holding = new Broker(false);
  const { uplink } = uplinkTo([await holding.listen()], 2, 100);
  await until(uplink, () => uplink.connected);
  assert.ok(uplink.offer('t', 'a', 1, 1));
  uplink.flush();
  const endMs = monotonicMs() + 500;
  await until(uplink, () => monotonicMs() > endMs);
  assert.deepEqual(uplink.counts, { sent: 1, resent: 0, acknowledged: 0, reconnects: 0 });
  holding.silent = true;
  await until(uplink, () => uplink.counts.reconnects > 0);
  uplink.close();
  holding.cut();
});

test('what was offered and not yet written is no debt of the server', async () => {
  const good = new Broker(true);
  const { uplink, acked } = uplinkTo([await good.listen()], 2, 100);
  await until(uplink, () => uplink.connected);
  await sleep(300);
  assert.ok(uplink.offer('t', 'a', 1, 1));
  uplink.tick();
  assert.ok(uplink.connected);
  uplink.flush();
  await until(uplink, () => acked.length === 1);
  assert.equal(uplink.counts.reconnects, 0);
  uplink.close();
  good.cut();
});
