/** What an agent tells operators: GET /health, /status, /validate, /metrics; and POST /failover/{region}. */
import { createServer, type ServerResponse } from 'node:http';
import { monotonicMs, wallMs } from '../lib/clock.ts';
import type { ClusterRecord, SeenHeartbeat } from '../lib/cluster.ts';
import type { Lifecycle } from '../lib/lifecycle.ts';
import { createRegistry, Gauge, type Registry } from '../lib/metrics.ts';
import type { Member } from '../lib/topology.ts';
import type { AgentView } from './agent.ts';
import type { Answer } from './switchover.ts';

const FRESH_MS = 1_000;

/** The cluster as this region sees it now; a view that etcd has not confirmed lately says so. */
function statusBody(region: Member, view: AgentView): object {
  return {
    timestamp: new Date(wallMs()).toISOString(),
    region,
    record: view.record,
    record_age_ms: Number.isFinite(view.recordAgeMs) ? Math.round(view.recordAgeMs) : null,
    record_fresh: view.recordAgeMs < FRESH_MS,
    local: view.local,
    doing: view.doing,
    why: view.why,
    members: [...view.heartbeats.values()].map(({ heartbeat, seenMs }: SeenHeartbeat) => ({
      ...heartbeat,
      age_ms: Math.round(monotonicMs() - seenMs),
    })),
  };
}

type Finding = { readonly check: string; readonly ok: boolean; readonly detail: string };

/** Whether the cluster keeps its promise right now, finding by finding. */
function validate(
  record: ClusterRecord | null,
  recordAgeMs: number,
  heartbeats: AgentView['heartbeats'],
): Finding[] {
  const fresh = recordAgeMs < FRESH_MS;
  const leader = record === null ? undefined : heartbeats.get(record.leader)?.heartbeat;
  const primaries = [...heartbeats.values()].filter(
    ({ heartbeat }) => heartbeat.postgres?.state === 'primary',
  );
  return [
    {
      check: 'record_fresh',
      ok: fresh,
      detail: fresh ? 'confirmed by etcd' : 'etcd has not confirmed the record',
    },
    {
      check: 'record_present',
      ok: record !== null,
      detail: record === null ? 'no record' : `epoch ${record.epoch}`,
    },
    {
      check: 'leader_serves',
      ok: leader?.postgres?.state === 'primary' && leader.postgres.gate === 'open',
      detail: `${record?.leader ?? 'nobody'}: ${leader?.postgres?.state ?? 'silent'}`,
    },
    {
      check: 'one_primary',
      ok: primaries.length === 1,
      detail: primaries.map(({ heartbeat }) => heartbeat.region).join(', ') || 'none',
    },
    {
      check: 'strict',
      ok: record?.mode === 'strict',
      detail: record === null ? 'no record' : `${record.mode}: ${record.reason}`,
    },
    {
      check: 'write_canary',
      ok: typeof leader?.canaryMs === 'number',
      detail: typeof leader?.canaryMs === 'number' ? `${leader.canaryMs.toFixed(1)} ms` : 'no commit lately',
    },
  ];
}

function agentMetrics(region: Member, view: () => AgentView): Registry {
  const registry = createRegistry('agent', region);
  const gauge = (name: string, help: string, read: (view: AgentView) => number | null): void => {
    new Gauge({
      name,
      help,
      registers: [registry],
      collect() {
        const value = read(view());
        if (value === null) this.reset();
        else this.set(value);
      },
    });
  };
  gauge('tier0_cluster_epoch', 'Epoch of the cluster record', ({ record }) => record?.epoch ?? null);
  gauge('tier0_cluster_leader', '1 when this region leads', ({ record }) =>
    Number(record?.leader === region),
  );
  gauge('tier0_cluster_strict', '1 when every commit is in both regions', ({ record }) =>
    Number(record?.mode === 'strict'),
  );
  gauge('tier0_cluster_record_age_seconds', 'Age of the confirmed record', ({ recordAgeMs }) =>
    Number.isFinite(recordAgeMs) ? recordAgeMs / 1000 : null,
  );
  gauge('tier0_replication_lag_bytes', 'WAL not yet flushed by the standby', ({ local }) =>
    local?.state === 'primary' ? (local.standby?.lagBytes ?? null) : null,
  );
  return registry;
}

export async function serveAgent(
  lifecycle: Lifecycle,
  region: Member,
  host: string,
  port: number,
  view: () => AgentView,
  moveTo: (target: string) => Promise<Answer>,
): Promise<void> {
  const registry = agentMetrics(region, view);
  const json = (response: ServerResponse, status: number, body: object): void => {
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  };
  const server = createServer((request, response) => {
    const now = view();
    const target = /^\/failover\/([^/?]{1,64})$/.exec(request.url ?? '')?.[1];
    if (target !== undefined && request.method === 'POST') {
      request.resume();
      void moveTo(target).then(({ status, body }) => json(response, status, body));
      return;
    }
    if (request.method !== 'GET')
      return json(response, 405, { error: 'method_not_allowed', message: 'GET only' });
    switch (request.url) {
      case '/health':
        return json(response, 200, { status: 'healthy', region, fresh: now.recordAgeMs < FRESH_MS });
      case '/status':
        return json(response, 200, statusBody(region, now));
      case '/validate': {
        const findings = validate(now.record, now.recordAgeMs, now.heartbeats);
        return json(response, 200, { region, valid: findings.every(({ ok }) => ok), findings });
      }
      case '/metrics':
        registry.metrics().then(
          (text) => response.writeHead(200, { 'content-type': registry.contentType }).end(text),
          () => json(response, 500, { error: 'metrics', message: 'metrics could not be collected' }),
        );
        return;
      default:
        return json(response, 404, {
          error: 'not_found',
          message: 'there are /health, /status, /validate, /metrics',
        });
    }
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, resolve);
  });
  lifecycle.onClose('http', () => {
    server.closeAllConnections();
    server.close();
  });
}
