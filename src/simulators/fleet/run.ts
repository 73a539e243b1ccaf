/**
 * The simulated fleet: visits every device in a shuffled order at the configured rate, and publishes what it
 * says over a few MQTT connections, each device always over the same one.
 */
import { every, monotonicMs, wallMs } from '../../lib/clock.ts';
import { FLEET_SIZE } from '../../lib/fleet.ts';
import type { Lifecycle } from '../../lib/lifecycle.ts';
import type { Log } from '../../lib/log.ts';
import { createRegistry, serveMetrics } from '../../lib/metrics.ts';
import { type Address, MqttUplink } from '../../lib/mqtt/mqtt-uplink.ts';
import { Random } from '../../lib/random.ts';
import { DATA_REGIONS, topology } from '../../lib/topology.ts';
import { AckLedger } from '../ack-ledger.ts';
import type { SimulatorConfig } from './config.ts';
import { registerMetrics, type Totals } from './metrics.ts';
import { FleetModel } from './model.ts';
import { PatchyUplink } from './patchy-uplink.ts';
import { readingPayload, readingTopic } from './payload.ts';

const TICK_MS = 50;
/** At high rates smaller batches keep the load even. */
const FAST_TICK_MS = 10;
const FAST_RATE = 5_000;
/** After a pause (a stopped process, a starved machine) no more than this is caught up on. */
const MAX_CATCH_UP_S = 1;
const WINDOW_MESSAGES = 2_000;
const UNSENT_REPORT_MS = 10_000;

/** Opens the connections and the metrics port; resolves when both run. The broker may come later. */
export async function run(config: SimulatorConfig, lifecycle: Lifecycle, log: Log): Promise<void> {
  const ledger = config.ledgerFile === undefined ? undefined : await AckLedger.open(config.ledgerFile);
  if (ledger !== undefined) lifecycle.onClose('ledger', () => ledger.close());
  const fleet = new Simulation(config, ledger, log);
  lifecycle.onClose('uplinks', () => fleet.close());
  const tickMs = config.rate > FAST_RATE ? FAST_TICK_MS : TICK_MS;
  every(tickMs, lifecycle.signal, () => fleet.tick());
  every(UNSENT_REPORT_MS, lifecycle.signal, () => fleet.reportUnsent());
  const registry = createRegistry('simulator', 'simulators');
  registerMetrics(registry, () => fleet.totals());
  const { host, simulator } = topology(config.portOffset);
  await serveMetrics(lifecycle, registry, host, simulator.http, () => ({
    ok: fleet.totals().connected > 0,
    body: fleet.totals(),
  }));
  const { rate, seed, via, connections } = config;
  log.info({ rate, seed, via, connections, devices: FLEET_SIZE }, 'fleet is being simulated');
}

class Simulation {
  readonly #rate: number;
  readonly #log: Log;
  readonly #model: FleetModel;
  readonly #patchy: PatchyUplink;
  readonly #order: Uint32Array;
  readonly #uplinks: readonly MqttUplink[];
  #position = 0;
  #tickedMs = monotonicMs();
  /** Visits owed, with the fraction that the last tick left over. */
  #owed = 0;
  #generated = 0;
  #unsent = 0;
  #unsentReported = 0;

  constructor(config: SimulatorConfig, ledger: AckLedger | undefined, log: Log) {
    const random = new Random(config.seed);
    this.#rate = config.rate;
    this.#log = log;
    this.#order = random.permutation(FLEET_SIZE);
    this.#patchy = new PatchyUplink(random, FLEET_SIZE);
    this.#model = new FleetModel(random, wallMs());
    this.#uplinks = Array.from(
      { length: config.connections },
      (_, index) =>
        new MqttUplink({
          addresses: addressesOf(config, index),
          clientId: `fleet-${config.seed}-${index}`,
          windowMessages: WINDOW_MESSAGES,
          random,
          log,
          onAcknowledged: (deviceNo, timestampMs) => ledger?.append(deviceNo, timestampMs),
        }),
    );
  }

  tick(): void {
    for (const uplink of this.#uplinks) uplink.tick();
    const now = monotonicMs();
    this.#owed += ((now - this.#tickedMs) / 1000) * this.#rate;
    this.#tickedMs = now;
    const missed = Math.floor(this.#owed - MAX_CATCH_UP_S * this.#rate);
    if (missed > 0) {
      this.#owed -= missed;
      this.#generated += missed;
      this.#unsent += missed;
    }
    const wall = wallMs();
    for (; this.#owed >= 1; this.#owed--) this.#visit(Math.floor(wall - (this.#owed / this.#rate) * 1000));
    for (const uplink of this.#uplinks) uplink.flush();
  }

  /** Says in the log what could not be sent since the last report. */
  reportUnsent(): void {
    const unsent = this.#unsent - this.#unsentReported;
    if (unsent === 0) return;
    this.#unsentReported = this.#unsent;
    this.#log.warn(
      { unsent, withinMs: UNSENT_REPORT_MS, totals: this.totals() },
      'readings could not be sent',
    );
  }

  /** generated = sent or waiting for its first transmission + unsent, since start. */
  totals(): Totals {
    const sum = (of: (uplink: MqttUplink) => number): number =>
      this.#uplinks.reduce((total, uplink) => total + of(uplink), 0);
    return {
      generated: this.#generated,
      unsent: this.#unsent,
      sent: sum((uplink) => uplink.counts.sent),
      resent: sum((uplink) => uplink.counts.resent),
      acknowledged: sum((uplink) => uplink.counts.acknowledged),
      inFlight: sum((uplink) => uplink.inFlight),
      reconnects: sum((uplink) => uplink.counts.reconnects),
      connected: sum((uplink) => (uplink.connected ? 1 : 0)),
    };
  }

  close(): void {
    for (const uplink of this.#uplinks) uplink.close();
  }

  #visit(timestampMs: number): void {
    const deviceNo = 1 + (this.#order[this.#position] ?? 0);
    this.#position = (this.#position + 1) % FLEET_SIZE;
    const reading = this.#model.visit(deviceNo, timestampMs);
    if (reading === null) return;
    const text = new Date(timestampMs).toISOString();
    const payload = readingPayload(deviceNo, text, reading.values, reading.status);
    for (const outgoing of this.#patchy.pass({ deviceNo, timestampMs, payload })) {
      this.#generated++;
      const uplink = this.#uplinks[deviceNo % this.#uplinks.length];
      const taken = uplink?.offer(readingTopic(deviceNo), outgoing.payload, deviceNo, outgoing.timestampMs);
      if (taken !== true) this.#unsent++;
    }
  }
}

/** Straight to ingest, neighbouring connections begin at different regions and go to the other on failure. */
function addressesOf({ via, portOffset }: SimulatorConfig, index: number): readonly Address[] {
  const ports = topology(portOffset);
  if (via === 'edge') return [{ host: ports.host, port: ports.edge.mqtt }];
  const regions = DATA_REGIONS.map((region) => ({ host: ports.host, port: ports[region].ingestMqtt }));
  return index % 2 === 0 ? regions : regions.reverse();
}
