import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect as connectSocket, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, it } from 'node:test';
import mqtt, { type IClientOptions, type MqttClient } from 'mqtt';
import mqttPacket, { type Packet } from 'mqtt-packet';
import { pino } from 'pino';
import { sleep } from '../lib/clock.ts';
import { freePort } from '../lib/test-database.ts';
import type { Publisher } from './batch.ts';
import { MqttServer } from './mqtt-server.ts';

const HOST = '127.0.0.1';
const PACKET_MAX_BYTES = 4_096;
const CONNECTIONS_MAX = 3;

type Message = { publisher: Publisher; topic: string; payload: string; packetId: number; qos: number };

let server: MqttServer;
let port: number;
let messages: Message[];
/** Whether messages are acknowledged as they come. */
let acknowledging: boolean;
const clients: MqttClient[] = [];
const sockets: Socket[] = [];

beforeEach(async () => {
  messages = [];
  acknowledging = true;
  port = await freePort();
  server = new MqttServer({
    host: HOST,
    port,
    connectionsMax: CONNECTIONS_MAX,
    packetMaxBytes: PACKET_MAX_BYTES,
    receiveMaximum: 50,
    publish: (publisher, topic, payload, packetId, qos) => {
      messages.push({ publisher, topic, payload: payload.toString(), packetId, qos });
      if (!acknowledging || qos === 0) return;
      publisher.acknowledge(packetId, qos);
      publisher.flushAcknowledgements();
    },
    log: pino({ level: 'silent' }),
  });
  await server.listen();
});

afterEach(async () => {
  for (const client of clients.splice(0)) await client.endAsync(true);
  for (const socket of sockets.splice(0)) socket.destroy();
  server.close();
});

async function client(options: IClientOptions): Promise<MqttClient> {
  const made = await mqtt.connectAsync({ host: HOST, port, reconnectPeriod: 0, ...options });
  clients.push(made);
  return made;
}

/** A connection of raw bytes, and all packets that came back. */
async function raw(version = 4): Promise<{ socket: Socket; packets: Packet[]; closed: Promise<unknown> }> {
  const socket = connectSocket(port, HOST);
  sockets.push(socket);
  const parser = mqttPacket.parser({ protocolVersion: version });
  const packets: Packet[] = [];
  parser.on('packet', (packet: Packet) => packets.push(packet));
  socket.on('data', (chunk: Buffer) => parser.parse(chunk));
  // The server may reset the connection that it refuses; the tests look at its end.
  socket.on('error', () => {});
  const closed = new Promise((resolve) => socket.once('close', resolve));
  await once(socket, 'connect');
  return { socket, packets, closed };
}

async function until(what: string, condition: () => boolean): Promise<void> {
  for (let attempt = 0; !condition(); attempt++) {
    assert.ok(attempt < 300, `waited for ${what}`);
    await sleep(10);
  }
}

const packet = (body: Packet, version = 4): Buffer => mqttPacket.generate(body, { protocolVersion: version });
const connectPacket = (version = 4, keepalive = 60): Buffer =>
  packet(
    {
      cmd: 'connect',
      protocolId: 'MQTT',
      protocolVersion: version === 5 ? 5 : 4,
      clientId: 'raw',
      clean: true,
      keepalive,
    },
    version,
  );
const publishPacket = (messageId: number, payload: string): Buffer =>
  packet({ cmd: 'publish', topic: 'a/b', payload, qos: 1, dup: false, retain: false, messageId });

for (const protocolVersion of [4, 5] as const) {
  describe(`a client of MQTT ${protocolVersion === 4 ? '3.1.1' : '5'}`, () => {
    for (const qos of [0, 1, 2] as const) {
      it(`publishes with QoS ${qos} and hears of it`, async () => {
        const publisher = await client({ protocolVersion });
        await publisher.publishAsync('og/field/ü', '{"a":1}', { qos });
        await until('the message', () => messages.length === 1);
        const [message] = messages;
        assert.deepEqual([message?.topic, message?.payload, message?.qos], ['og/field/ü', '{"a":1}', qos]);
      });
    }

    it('is acknowledged in the order of its messages', async () => {
      acknowledging = false;
      const publisher = await client({ protocolVersion });
      const order: number[] = [];
      const sent = [1, 2, 3, 4].map(async (n) => {
        await publisher.publishAsync('t', String(n), { qos: 1 });
        order.push(n);
      });
      await until('four messages', () => messages.length === 4);
      assert.deepEqual(order, []);
      for (const message of messages) message.publisher.acknowledge(message.packetId, 1);
      messages[0]?.publisher.flushAcknowledgements();
      await Promise.all(sent);
      assert.deepEqual(order, [1, 2, 3, 4]);
    });

    it('is refused a subscription and goes on publishing', async () => {
      const subscriber = await client({ protocolVersion });
      await assert.rejects(subscriber.subscribeAsync('og/field/#'));
      await subscriber.publishAsync('t', 'x', { qos: 1 });
      assert.equal(messages.length, 1);
    });

    it('is answered its pings', async () => {
      const quiet = await client({ protocolVersion, keepalive: 1 });
      let closed = false;
      quiet.on('close', () => {
        closed = true;
      });
      await sleep(2_500);
      assert.equal(closed, false);
      assert.equal(server.connections, 1);
    });
  });
}

it('an MQTT 5 client is told the limits', async () => {
  const { socket, packets } = await raw(5);
  socket.write(connectPacket(5));
  await until('CONNACK', () => packets.length === 1);
  const [connack] = packets;
  assert.ok(connack?.cmd === 'connack');
  assert.equal(connack.properties?.receiveMaximum, 50);
  assert.equal(connack.properties?.maximumPacketSize, PACKET_MAX_BYTES);
});

describe('bytes', () => {
  it('that come one at a time make the same packets', async () => {
    const { socket, packets } = await raw();
    socket.setNoDelay(true);
    for (const byte of Buffer.concat([connectPacket(), publishPacket(7, '{"x":"ü"}')])) {
      socket.write(Buffer.from([byte]));
      await new Promise((resolve) => setImmediate(resolve));
    }
    await until('PUBACK', () => packets.length === 2);
    assert.deepEqual(
      packets.map(({ cmd, messageId }) => [cmd, messageId]),
      [
        ['connack', undefined],
        ['puback', 7],
      ],
    );
    assert.equal(messages[0]?.payload, '{"x":"ü"}');
  });

  it('of many packets in one write are answered in order', async () => {
    const { socket, packets } = await raw();
    const ids = Array.from({ length: 700 }, (_, i) => i + 1);
    socket.write(
      Buffer.concat([
        connectPacket(),
        ...ids.map((id) => publishPacket(id, `${id}`)),
        packet({ cmd: 'pingreq' }),
      ]),
    );
    await until('all answers', () => packets.length === 702);
    assert.deepEqual(
      packets.slice(1, -1).map(({ messageId }) => messageId),
      ids,
    );
    assert.equal(packets.at(-1)?.cmd, 'pingresp');
    assert.deepEqual(
      messages.map(({ payload }) => payload),
      ids.map(String),
    );
  });

  it('more acknowledgements than its first buffer holds go out in one write', async () => {
    acknowledging = false;
    const { socket, packets } = await raw();
    const ids = Array.from({ length: 1_000 }, (_, i) => i + 1);
    socket.write(Buffer.concat([connectPacket(), ...ids.map((id) => publishPacket(id, 'x'))]));
    await until('all messages', () => messages.length === 1_000);
    for (const { publisher, packetId } of messages) publisher.acknowledge(packetId, 1);
    messages[0]?.publisher.flushAcknowledgements();
    await until('all answers', () => packets.length === 1_001);
    assert.deepEqual(
      packets.slice(1).map(({ messageId }) => messageId),
      ids,
    );
  });
});

describe('a connection is closed', () => {
  const cases: readonly [why: string, bytes: Buffer][] = [
    ['PUBLISH before CONNECT', publishPacket(1, 'x')],
    ['PINGREQ before CONNECT', packet({ cmd: 'pingreq' })],
    ['a second CONNECT', Buffer.concat([connectPacket(), connectPacket()])],
    ['what is no MQTT at all', Buffer.from('GET / HTTP/1.1\r\n\r\n')],
    ['a malformed CONNECT', Buffer.from([0x10, 4, 0, 4, 77, 81])],
    ['a packet type that only servers send', Buffer.concat([connectPacket(), Buffer.from([0x20, 2, 0, 0])])],
    ['QoS 3', Buffer.concat([connectPacket(), Buffer.from([0x36, 5, 0, 1, 65, 0, 1])])],
    ['packet identifier 0', Buffer.concat([connectPacket(), Buffer.from([0x32, 5, 0, 1, 65, 0, 0])])],
    [
      'a packet over the bound',
      Buffer.concat([connectPacket(), publishPacket(1, 'x'.repeat(PACKET_MAX_BYTES))]),
    ],
    ['an endless length', Buffer.concat([connectPacket(), Buffer.from([0x30, 0xff, 0xff, 0xff, 0xff, 1])])],
    ['DISCONNECT', Buffer.concat([connectPacket(), packet({ cmd: 'disconnect' })])],
  ];
  for (const [why, bytes] of cases) {
    it(`for ${why}, and others go on`, async () => {
      const other = await client({ protocolVersion: 4 });
      const { socket, closed } = await raw();
      socket.write(bytes);
      await closed;
      await other.publishAsync('t', 'x', { qos: 1 });
      assert.deepEqual(
        messages.map(({ topic }) => topic),
        ['t'],
      );
      assert.equal(server.connections, 1);
    });
  }

  it('when nothing is heard for one and a half keepalives', async () => {
    const { socket, closed } = await raw();
    socket.write(connectPacket(4, 1));
    await closed;
  });

  it('when there are too many', async () => {
    for (let i = 0; i < CONNECTIONS_MAX; i++) await client({ protocolVersion: 4, clientId: `c${i}` });
    const { closed } = await raw();
    await closed;
    assert.equal(server.connections, CONNECTIONS_MAX);
  });
});

it('an acknowledgement for a client that has gone is nobody’s error', async () => {
  acknowledging = false;
  const { socket } = await raw();
  socket.write(Buffer.concat([connectPacket(), publishPacket(1, 'x')]));
  await until('the message', () => messages.length === 1);
  socket.destroy();
  await until('the end', () => server.connections === 0);
  messages[0]?.publisher.acknowledge(1, 1);
  messages[0]?.publisher.flushAcknowledgements();
});

it('while paused nothing is read, also of those who come now; then everything is', async () => {
  const first = await client({ protocolVersion: 4 });
  server.pause();
  const sent = first.publishAsync('t', 'early', { qos: 1 });
  const { socket } = await raw();
  socket.write(Buffer.concat([connectPacket(), publishPacket(1, 'late')]));
  await sleep(100);
  assert.equal(messages.length, 0);
  server.resume();
  await sent;
  await until('both', () => messages.length === 2);
});
