/** What a client does, one of each a second: reads, writes, asks, publishes. Each either succeeds or throws why not. */
import { GOOD_MS, type ProbeName } from '../lib/availability.ts';
import { after, wallMs } from '../lib/clock.ts';
import { httpCall } from '../lib/http-call.ts';
import type { Log } from '../lib/log.ts';
import { MqttUplink } from '../lib/mqtt/mqtt-uplink.ts';
import { nominalReading } from '../lib/nominal-reading.ts';
import { entropySeed, Random } from '../lib/random.ts';
import { DATA_REGIONS, type Topology } from '../lib/topology.ts';

export type Probe = { readonly name: ProbeName; readonly run: () => Promise<void> };

/** The name under which the writes are stored. */
const WRITER = 'availability';
const PROBE_STATUS = { code: 'PROBE', message: 'Availability probe' };
const QUESTION = 'How many devices are reporting?';
/** Readings that wait for their acknowledgement; at the bound nothing is published and the probe is bad. */
const WINDOW_MESSAGES = 256;

async function ask(at: { host: string; port: number }, path: string, sent?: object, key?: string) {
  const answer = await httpCall({
    ...at,
    path,
    ...(sent === undefined ? {} : { method: 'POST', body: sent }),
    ...(key === undefined ? {} : { headers: { 'idempotency-key': key } }),
    limitMs: GOOD_MS,
  });
  if (answer.status !== 200 && answer.status !== 201) throw new Error(`HTTP ${answer.status}`);
  return JSON.parse(answer.body) as unknown;
}

const field = (body: unknown, name: string): unknown =>
  typeof body === 'object' && body !== null ? Object.entries(body).find(([key]) => key === name)?.[1] : null;

/** The probes over HTTP, through the front door as anybody. `run` makes the writes' keys unique. */
export function httpProbes({ host, edge }: Topology, run: string, rag: boolean): Probe[] {
  const api = { host, port: edge.api };
  let seq = 0;
  const read: Probe = {
    name: 'read',
    run: async () => {
      const devices = field(await ask(api, '/api/devices?limit=1'), 'devices');
      if (!Array.isArray(devices) || devices.length !== 1) throw new Error('the answer has no device');
    },
  };
  const write: Probe = {
    name: 'write',
    run: async () => {
      seq++;
      const sent = { writer: WRITER, seq };
      const stored = field(await ask(api, '/api/write-probes', sent, `${WRITER}-${run}-${seq}`), 'seq');
      if (stored !== sent.seq) throw new Error('the answer is of another write');
    },
  };
  const question: Probe = {
    name: 'ask',
    run: async () => {
      const body = await ask(api, '/api/query', { question: QUESTION });
      if (field(body, 'refused') !== false || String(field(body, 'answer') ?? '') === '')
        throw new Error('the question was not answered');
    },
  };
  return [read, write, ...(rag ? [question] : [])];
}

/** Publishes to whichever ingest answers, as a site's bridge does, and waits for the acknowledgement. */
export class PublishProbe {
  readonly #uplink: MqttUplink;
  readonly #deviceNo: number;
  readonly #waiting = new Map<number, () => void>();
  #lastMs = 0;

  constructor(topology: Topology, deviceNo: number, log: Log) {
    this.#deviceNo = deviceNo;
    this.#uplink = new MqttUplink({
      addresses: DATA_REGIONS.map((region) => ({ host: topology.host, port: topology[region].ingestMqtt })),
      clientId: 'prober',
      windowMessages: WINDOW_MESSAGES,
      silenceDeadlineMs: 1_000,
      random: new Random(entropySeed()),
      log,
      onAcknowledged: (_, timestampMs) => this.#waiting.get(timestampMs)?.(),
    });
  }

  /** To be called often: the uplink has no timer of its own. */
  tick(): void {
    this.#uplink.tick();
    this.#uplink.flush();
  }

  close(): void {
    this.#uplink.close();
  }

  readonly probe: Probe = {
    name: 'publish',
    run: () =>
      new Promise((resolve, reject) => {
        const at = Math.max(wallMs(), this.#lastMs + 1);
        this.#lastMs = at;
        const { topic, payload } = nominalReading(this.#deviceNo, at, PROBE_STATUS);
        if (!this.#uplink.offer(topic, payload, this.#deviceNo, at)) {
          reject(new Error(`${WINDOW_MESSAGES} readings wait for their acknowledgement`));
          return;
        }
        this.#uplink.flush();
        const cancel = after(GOOD_MS, () => {
          this.#waiting.delete(at);
          reject(new Error(`not acknowledged within ${GOOD_MS} ms`));
        });
        this.#waiting.set(at, () => {
          this.#waiting.delete(at);
          cancel();
          resolve();
        });
      }),
  };
}
