/** The drill's devices: readings straight to both ingests over MQTT, QoS 1, and what of them was acknowledged. */
import { every, monotonicMs, pause, wallMs } from '../../lib/clock.ts';
import { FLEET_SIZE } from '../../lib/fleet.ts';
import type { Log } from '../../lib/log.ts';
import { MqttUplink } from '../../lib/mqtt/mqtt-uplink.ts';
import { nominalReading } from '../../lib/nominal-reading.ts';
import { entropySeed, Random } from '../../lib/random.ts';
import { DATA_REGIONS, type Topology } from '../../lib/topology.ts';

const DRILL_STATUS = { code: 'DRILL', message: 'Drill' };
const CONNECTIONS = 4;
const TICK_MS = 10;
/** Unacknowledged readings of one connection: a fifth of a second's worth at 20,000/s over all. */
const WINDOW_MESSAGES = 1_000;
/** Devices that send, the last of the fleet. */
const DEVICES = 10_000;
/** A frozen ingest accepts connections and says nothing; real devices wait longer than a drill has time for. */
const SILENCE_MS = 1_000;

export type Acked = { readonly deviceNo: number; readonly tsMs: number; readonly atMs: number };

export class Telemetry {
  readonly acknowledged: Acked[] = [];
  readonly #uplinks: MqttUplink[];
  readonly #lastTsMs = new Float64Array(DEVICES);
  readonly #stop = new AbortController();
  #made = 0;

  constructor(options: { readonly topology: Topology; readonly name: string; readonly log: Log }) {
    const { topology, name, log } = options;
    const random = new Random(entropySeed());
    const addresses = DATA_REGIONS.map((region) => ({
      host: topology.host,
      port: topology[region].ingestMqtt,
    }));
    this.#uplinks = Array.from(
      { length: CONNECTIONS },
      (_, index) =>
        new MqttUplink({
          addresses: index % 2 === 0 ? addresses : addresses.toReversed(),
          clientId: `${name}-${index}`,
          windowMessages: WINDOW_MESSAGES,
          silenceDeadlineMs: SILENCE_MS,
          random,
          log,
          onAcknowledged: (deviceNo, tsMs) => this.acknowledged.push({ deviceNo, tsMs, atMs: wallMs() }),
        }),
    );
  }

  start(ratePerS: number): void {
    const startedMs = monotonicMs();
    let skipped = 0;
    every(TICK_MS, this.#stop.signal, () => {
      for (const uplink of this.#uplinks) uplink.tick();
      const due = Math.floor(((monotonicMs() - startedMs) * ratePerS) / 1_000) - skipped;
      for (let left = due - this.#made; left > 0; left--) {
        if (!this.#offer()) skipped++;
      }
      for (const uplink of this.#uplinks) uplink.flush();
    });
  }

  /** Makes no more readings and waits for acknowledgements; false when some are owed after `limitMs`. */
  async stop(limitMs: number): Promise<boolean> {
    this.#stop.abort();
    const limit = AbortSignal.timeout(limitMs);
    const owed = (): number => this.#uplinks.reduce((sum, uplink) => sum + uplink.inFlight, 0);
    while (owed() > 0 && (await pause(TICK_MS, limit))) {
      for (const uplink of this.#uplinks) uplink.tick();
    }
    const done = owed() === 0;
    for (const uplink of this.#uplinks) uplink.close();
    return done;
  }

  /** Unix ms of the first acknowledgement after `afterMs` of a reading made after `madeMs`; null without one. */
  firstAfter(madeMs: number, afterMs: number): number | null {
    const first = this.acknowledged.find(({ tsMs, atMs }) => tsMs >= madeMs && atMs >= afterMs);
    return first?.atMs ?? null;
  }

  /** False when the connection's window is full: the reading is not made. */
  #offer(): boolean {
    const index = this.#made % DEVICES;
    const deviceNo = FLEET_SIZE - DEVICES + index + 1;
    const tsMs = Math.max(wallMs(), (this.#lastTsMs[index] ?? 0) + 1);
    const uplink = this.#uplinks[index % CONNECTIONS];
    if (uplink === undefined) throw new Error('a reading needs a connection');
    const { topic, payload } = nominalReading(deviceNo, tsMs, DRILL_STATUS);
    if (!uplink.offer(topic, payload, deviceNo, tsMs)) return false;
    this.#lastTsMs[index] = tsMs;
    this.#made++;
    return true;
  }
}
