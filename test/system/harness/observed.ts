/** What the system says of itself: through its API, in its ledger, and to whoever is woken. */
import assert from 'node:assert/strict';
import { createServer, type Server } from 'node:http';
import { text } from 'node:stream/consumers';
import { type Static, type TSchema, Type } from 'typebox';
import { Value } from 'typebox/value';
import { AvailabilityBody } from '../../../src/api/availability-schemas.ts';
import { TargetsBody } from '../../../src/api/observability-schemas.ts';
import { GOOD_MS } from '../../../src/lib/availability.ts';
import { wallMs } from '../../../src/lib/clock.ts';
import { eventually } from '../../../src/lib/eventually.ts';
import { DATA_REGIONS } from '../../../src/lib/topology.ts';
import type { System } from './system.ts';

const STORED_MS = 30_000;

const Notification = Type.Object({
  alerts: Type.Array(
    Type.Object({ status: Type.String(), labels: Type.Record(Type.String(), Type.String()) }),
  ),
});
type Told = Static<typeof Notification>['alerts'][number] & { readonly atMs: number };

/** The webhook that Alertmanager tells. */
export class Pager {
  readonly #server: Server;
  readonly told: Told[] = [];
  url = '';

  constructor() {
    this.#server = createServer((request, response) => {
      void text(request).then((body) => {
        const { alerts } = Value.Parse(Notification, JSON.parse(body));
        this.told.push(...alerts.map((alert) => ({ ...alert, atMs: wallMs() })));
        response.end();
      });
    });
  }

  async listen(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    const address = this.#server.address();
    assert.ok(typeof address === 'object' && address !== null);
    this.url = `http://127.0.0.1:${address.port}/alerts`;
  }

  /** Names of the alerts for which somebody was woken. */
  pages(): string[] {
    return this.told
      .filter(({ labels, status }) => labels.severity === 'page' && status === 'firing')
      .map(({ labels }) => labels.alertname ?? '');
  }

  close(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }
}

/** The answer of the front door's API, which must be 200. */
export async function api<T extends TSchema>(system: System, schema: T, path: string): Promise<Static<T>> {
  const { status, body } = await system.api(path);
  assert.equal(status, 200, JSON.stringify(body));
  return Value.Parse(schema, body);
}

/** Processes that do not answer, as "region1 worker". */
export async function down(system: System): Promise<string[]> {
  const { targets } = await api(system, TargetsBody, '/api/observability/targets');
  return targets.filter(({ up }) => !up).map(({ region, job }) => `${region} ${job}`);
}

/** Failed reads and writes in the ledger since then, stored ones only. */
export async function ledgerFailures(system: System, sinceMs: number): Promise<number> {
  const rows = await system.sql<{ failed: number }>(
    `SELECT count(*)::integer AS failed FROM availability_failure
     WHERE probe IN ('read', 'write') AND at >= to_timestamp($1::float8)`,
    [Math.floor(sinceMs / 1_000)],
  );
  return rows[0]?.failed ?? -1;
}

/** Resolves when the ledger has stored what was observed until now. */
export async function stored(system: System): Promise<void> {
  const untilMs = wallMs() + GOOD_MS;
  await eventually('the ledger is stored', STORED_MS, async () => {
    const { last_observed_at } = await api(system, AvailabilityBody, '/api/availability');
    return Date.parse(last_observed_at ?? '') >= untilMs || undefined;
  });
}

/** Resolves when both regions have the same ledger, as each tells it itself. */
export async function inBothRegions(system: System): Promise<void> {
  await eventually('both regions have the ledger', STORED_MS, async () => {
    const sums = await Promise.all(
      DATA_REGIONS.map((region) =>
        system.sql(
          `SELECT (SELECT sum(observed_s) FROM availability_minute)::integer AS observed,
             (SELECT count(*) FROM availability_failure)::integer AS failed`,
          [],
          region,
        ),
      ),
    );
    return JSON.stringify(sums[0]) === JSON.stringify(sums[1]) || undefined;
  });
}
