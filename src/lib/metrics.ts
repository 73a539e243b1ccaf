/** Prometheus metrics and the small HTTP server that every role without a public API exposes them on. */
import { createServer } from 'node:http';
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import { listen } from './http-server.ts';
import type { Lifecycle } from './lifecycle.ts';

export { Counter, Gauge, Histogram, Registry };

/**
 * How far apart the timers are whose delay `nodejs_eventloop_lag_*` tells; the distance is part of what they tell. At
 * prom-client's 10 ms an idle role does little else, and an instance has 20 of them.
 */
export const EVENT_LOOP_SAMPLE_MS = 100;

/** A registry whose every series carries role and region. */
export function createRegistry(role: string, region: string): Registry {
  const registry = new Registry();
  registry.setDefaultLabels({ role, region });
  collectDefaultMetrics({ register: registry, eventLoopMonitoringPrecision: EVENT_LOOP_SAMPLE_MS });
  return registry;
}

/** A gauge that is read when it is asked for; without a value while `read` gives null. */
export function gaugeOf(registry: Registry, name: string, help: string, read: () => number | null): void {
  new Gauge({
    name,
    help,
    registers: [registry],
    collect() {
      const value = read();
      if (value === null) this.reset();
      else this.set(value);
    },
  });
}

/** A counter of what is counted elsewhere, read when it is asked for. */
export function counterOf(registry: Registry, name: string, help: string, read: () => number): void {
  new Counter({
    name,
    help,
    registers: [registry],
    collect() {
      this.reset();
      this.inc(read());
    },
  });
}

export type RoleStatus = { readonly ok: boolean; readonly body: object };

/** Serves GET /metrics, and GET /health from `status` (503 when not ok). Closed with the lifecycle. */
export async function serveMetrics(
  lifecycle: Lifecycle,
  registry: Registry,
  host: string,
  port: number,
  status: () => RoleStatus,
): Promise<void> {
  const server = createServer((request, response) => {
    if (request.url === '/metrics') {
      registry.metrics().then(
        (text) => response.writeHead(200, { 'content-type': registry.contentType }).end(text),
        (error: unknown) => response.writeHead(500).end(String(error)),
      );
      return;
    }
    if (request.url === '/health') {
      const { ok, body } = status();
      response.writeHead(ok ? 200 : 503, { 'content-type': 'application/json' }).end(JSON.stringify(body));
      return;
    }
    response.writeHead(404, { 'content-type': 'application/json' }).end('{"error":"not_found"}');
  });
  server.keepAliveTimeout = 30_000;
  await listen(lifecycle, 'metrics', server, host, port);
}
