/** What devices send, good and bad, over both versions of MQTT: answered, accounted for, stored exactly once. */
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { createInterface } from 'node:readline';
import { after, before, describe, test } from 'node:test';
import { wallMs, within } from '../../src/lib/clock.ts';
import { eventually, until } from '../../src/lib/eventually.ts';
import { DATA_REGIONS, type DataRegion } from '../../src/lib/topology.ts';
import { BAD } from './harness/bad-messages.ts';
import { connectClient, publish, type Version } from './harness/client.ts';
import { validReading } from './harness/reading.ts';
import { type System, startSystem } from './harness/system.ts';

let system: System;
before(async () => {
  system = await startSystem();
  await system.inMode('strict');
});
after(() => system?.stop());

const DAY_MS = 86_400_000;
/** What the packet of a reading may take at most; see payloadMaxBytes of ingest. */
const PACKET_MAX_BYTES = 1_048_576;
const PAYLOAD_MAX_BYTES = 65_536;

/** Every message gets a mark of its own, by which its row or its reject is found. */
let marks = 0;
const nextMark = (): string => {
  marks += 1;
  return `mark-${process.pid}-${marks}`;
};
/** Tests of single devices each take one of their own. */
let devices = 50_000;
const nextDevice = (): number => {
  devices += 1;
  return devices;
};

/** What this file has sent to ingest, by what must have become of it. */
const sent = { committed: 0, duplicates: 0, rejected: 0 };

type Reject = { reason: string; field: string | null; payload: string; region: string };

async function rejectsWith(mark: string): Promise<Reject[]> {
  const { status, body } = await system.api('/api/rejects?limit=1000');
  assert.equal(status, 200);
  assert.ok(typeof body === 'object' && body !== null && 'rejects' in body && Array.isArray(body.rejects));
  const rejects: Reject[] = body.rejects;
  return rejects.filter(({ payload }) => payload.includes(`"${mark}"`));
}

/** Stored readings of a device, oldest first, as Unix ms. */
async function storedOf(deviceNo: number): Promise<number[]> {
  const rows = await system.sql<{ ts_ms: number }>(
    'SELECT round(extract(epoch FROM ts) * 1000)::float8 AS ts_ms FROM reading WHERE device_no = $1 ORDER BY ts',
    [deviceNo],
  );
  return rows.map((row) => row.ts_ms);
}

/** Over MQTT 3.1.1 to one region's ingest, over MQTT 5 to the other's. */
const REGION_OF = { 4: 'region1', 5: 'region2' } as const;

/** Sends to the version's ingest on a connection of its own. */
async function send(
  version: Version,
  topic: string,
  text: string,
  dup = false,
): Promise<'acknowledged' | 'closed'> {
  const client = await connectClient(system.at.host, system.at[REGION_OF[version]].ingestMqtt, version);
  try {
    return await publish(client, topic, text, dup);
  } finally {
    await client.endAsync(true);
  }
}

for (const version of [4, 5] as const) {
  const name = version === 4 ? 'MQTT 3.1.1' : 'MQTT 5';
  describe(name, () => {
    for (const { what, reason, field, make } of BAD) {
      test(`${what}: acknowledged, and refused as ${reason}`, async () => {
        const mark = nextMark();
        const deviceNo = nextDevice();
        const { topic, text } = make(validReading(deviceNo, wallMs()), mark);
        assert.equal(await send(version, topic, text), 'acknowledged');
        sent.rejected += 1;
        const [reject, ...more] = await rejectsWith(mark);
        assert.ok(reject !== undefined && more.length === 0, `one reject, not ${more.length + 1}`);
        assert.equal(reject.reason, reason);
        if (field !== undefined) assert.equal(reject.field, field);
        assert.equal(reject.region, REGION_OF[version]);
        assert.deepEqual(await storedOf(deviceNo), []);
      });
    }

    test('a packet over 1 MiB closes its connection and no other; a payload just under 64 KiB is stored', async () => {
      const deviceNo = nextDevice();
      const tsMs = wallMs();
      const { topic, message } = validReading(deviceNo, tsMs);
      const bare = Buffer.byteLength(topic) + Buffer.byteLength(JSON.stringify({ ...message, pad: '' })) + 16;
      const padded = (bytes: number): string => JSON.stringify({ ...message, pad: 'x'.repeat(bytes - bare) });
      const { host } = system.at;
      const witness = await connectClient(host, system.at[REGION_OF[version]].ingestMqtt, version);
      try {
        assert.equal(await send(version, topic, padded(PACKET_MAX_BYTES + 64)), 'closed');
        assert.deepEqual(await storedOf(deviceNo), []);
        assert.equal(await publish(witness, topic, padded(PAYLOAD_MAX_BYTES)), 'acknowledged');
        sent.committed += 1;
        assert.deepEqual(await storedOf(deviceNo), [tsMs]);
      } finally {
        await witness.endAsync(true);
      }
    });

    test('a reading a day late is stored under its own timestamp', async () => {
      const deviceNo = nextDevice();
      const tsMs = wallMs() - DAY_MS;
      const { topic, message } = validReading(deviceNo, tsMs);
      assert.equal(await send(version, topic, JSON.stringify(message)), 'acknowledged');
      sent.committed += 1;
      const [row] = await system.sql<{ ts: Date; received_at: Date }>(
        'SELECT ts, received_at FROM reading WHERE device_no = $1',
        [deviceNo],
      );
      assert.equal(row?.ts.getTime(), tsMs);
      assert.ok((row?.received_at.getTime() ?? 0) > tsMs + DAY_MS / 2, 'the arrival is kept as well');
    });

    test('readings out of order are all stored, and the newest one is shown', async () => {
      const deviceNo = nextDevice();
      const nowMs = wallMs();
      const times = [nowMs, nowMs - 2_000, nowMs - 1_000];
      for (const tsMs of times) {
        const { topic, message } = validReading(deviceNo, tsMs);
        assert.equal(await send(version, topic, JSON.stringify(message)), 'acknowledged');
        sent.committed += 1;
      }
      assert.deepEqual(await storedOf(deviceNo), [...times].sort());
      await shows(deviceNo, nowMs);
    });

    test('a reading sent again, redelivered with DUP, or sent to the other region is stored once', async () => {
      const deviceNo = nextDevice();
      const { topic, message } = validReading(deviceNo, wallMs());
      const text = JSON.stringify(message);
      assert.equal(await send(version, topic, text), 'acknowledged');
      sent.committed += 1;
      for (const [over, dup] of [
        [version, false],
        [version, true],
        [version === 4 ? 5 : 4, true],
      ] as const) {
        assert.equal(await send(over, topic, text, dup), 'acknowledged');
        sent.duplicates += 1;
      }
      assert.deepEqual(await storedOf(deviceNo), [Date.parse(message.timestamp_utc)]);
    });

    test('twice in one batch, a reading is stored once', async () => {
      const deviceNo = nextDevice();
      const { topic, message } = validReading(deviceNo, wallMs());
      const text = JSON.stringify(message);
      const client = await connectClient(system.at.host, system.at[REGION_OF[version]].ingestMqtt, version);
      try {
        const answers = await Promise.all([publish(client, topic, text), publish(client, topic, text)]);
        assert.deepEqual(answers, ['acknowledged', 'acknowledged']);
        sent.committed += 1;
        sent.duplicates += 1;
      } finally {
        await client.endAsync(true);
      }
      assert.deepEqual(await storedOf(deviceNo), [Date.parse(message.timestamp_utc)]);
    });
  });
}

/** Resolves once the API shows the device's reading of `tsMs`. */
function shows(deviceNo: number, tsMs: number): Promise<void> {
  const { message } = validReading(deviceNo, tsMs);
  return until(`${message.device_id} shows its reading`, 5_000, async () => {
    const { body } = await system.api(`/api/devices?device_id=${message.device_id}`);
    if (typeof body !== 'object' || body === null || !('devices' in body) || !Array.isArray(body.devices))
      return false;
    const [device]: { timestamp_utc?: string }[] = body.devices;
    return typeof device?.timestamp_utc === 'string' && Date.parse(device.timestamp_utc) === tsMs;
  });
}

describe('accounting', () => {
  type Counts = {
    received: number;
    committed: number;
    duplicates: number;
    rejected: number;
    in_flight: number;
  };

  const balanced = ({ received, committed, duplicates, rejected, in_flight }: Counts): void =>
    assert.equal(received, committed + duplicates + rejected + in_flight);

  async function metricsOf(region: DataRegion): Promise<Counts> {
    const { body } = await system.get(system.at[region].ingestHttp, '/metrics');
    const value = (name: string): number => {
      const found = new RegExp(`^tier0_ingest_readings_${name}(?:\\{[^}]*\\})? (\\S+)$`, 'm').exec(
        String(body),
      );
      assert.ok(found !== null, `${name} is missing`);
      return Number(found[1]);
    };
    return {
      received: value('received_total'),
      committed: value('committed_total'),
      duplicates: value('duplicates_total'),
      rejected: value('rejected_total'),
      in_flight: value('in_flight'),
    };
  }

  test('both ingests account for every message that was sent to them', async () => {
    const sum: Counts = { received: 0, committed: 0, duplicates: 0, rejected: 0, in_flight: 0 };
    for (const region of DATA_REGIONS) {
      const counts = await metricsOf(region);
      balanced(counts);
      for (const key of ['received', 'committed', 'duplicates', 'rejected', 'in_flight'] as const)
        sum[key] += counts[key];
    }
    const received = sent.committed + sent.duplicates + sent.rejected;
    assert.deepEqual(sum, { received, ...sent, in_flight: 0 });
  });

  test('the overview shows the same counts', async () => {
    const received = sent.committed + sent.duplicates + sent.rejected;
    const accounting = await eventually('the overview has every message', 5_000, async () => {
      const { body } = await system.api('/api/overview');
      if (typeof body !== 'object' || body === null || !('accounting' in body)) return undefined;
      const counts = body.accounting;
      // The snapshot may be from before the last ones were settled.
      const text = JSON.stringify(counts);
      return text.includes(`"received":${received},`) && text.includes('"in_flight":0') ? counts : undefined;
    });
    assert.deepEqual(accounting, { received, ...sent, in_flight: 0 });
  });
});

describe('the broker at the site', () => {
  const MQTT_TOOLS = '/usr/bin';
  const missing =
    spawnSync(`${MQTT_TOOLS}/mosquitto_pub`, ['--help']).error === undefined
      ? false
      : 'mosquitto-clients is not installed';

  /** Resolves with the milliseconds until the API shows it. */
  async function publishedBy(program: string): Promise<number> {
    const deviceNo = nextDevice();
    const tsMs = wallMs();
    const { topic, message } = validReading(deviceNo, tsMs);
    const port = String(system.at.edge.mqtt);
    const args = ['-h', 'localhost', '-p', port, '-q', '1', '-t', topic, '-m', JSON.stringify(message)];
    const { status, stderr } = spawnSync(program, args, { encoding: 'utf8', timeout: 5_000 });
    assert.equal(status, 0, stderr);
    await shows(deviceNo, tsMs);
    return wallMs() - tsMs;
  }

  test('each of five readings by mosquitto_pub is at GET /api/devices, the median within a second', {
    skip: missing,
  }, async () => {
    const waits: number[] = [];
    for (let sent = 0; sent < 5; sent++) waits.push(await publishedBy(`${MQTT_TOOLS}/mosquitto_pub`));
    const [, , median = Infinity] = waits.toSorted((a, b) => a - b);
    assert.ok(median <= 1_000, `milliseconds: ${waits.map(Math.round).join(', ')}`);
  });

  test('mosquitto_sub sees live readings', { skip: missing }, async () => {
    const deviceNo = nextDevice();
    const port = String(system.at.edge.mqtt);
    const args = ['-h', 'localhost', '-p', port, '-t', 'og/field/#', '-v'];
    const subscriber = spawn(`${MQTT_TOOLS}/mosquitto_sub`, args, { stdio: ['ignore', 'pipe', 'ignore'] });
    const ended = new Promise((resolve) => subscriber.once('close', resolve));
    const client = await connectClient(system.at.host, system.at.edge.mqtt, 4);
    try {
      const seen: string[] = [];
      createInterface({ input: subscriber.stdout }).on('line', (line) => seen.push(line));
      // It says nothing when it has subscribed, so readings go on until it has seen one.
      await until('it sees a reading', 5_000, async () => {
        const { topic, message } = validReading(deviceNo, wallMs());
        const line = `${topic} ${JSON.stringify(message)}`;
        await publish(client, topic, JSON.stringify(message));
        await until('it sees this reading', 200, () => seen.includes(line));
        return true;
      });
    } finally {
      await client.endAsync(true);
      subscriber.kill('SIGTERM');
      await within(5_000, 'mosquitto_sub does not end', ended);
    }
  });
});
