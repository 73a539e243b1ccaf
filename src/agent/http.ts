/**
 * What an agent tells operators and takes from them: GET /health, /status, /validate, /history, /metrics;
 * POST /failover/{region}, /pause, /resume.
 */
import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { monotonicMs, wallMs } from '../lib/clock.ts';
import { describeError } from '../lib/errors.ts';
import type { Etcd } from '../lib/etcd.ts';
import { listen, readJson } from '../lib/http-server.ts';
import type { Lifecycle } from '../lib/lifecycle.ts';
import type { Log } from '../lib/log.ts';
import { createRegistry, gaugeOf, type Registry } from '../lib/metrics.ts';
import type { Member } from '../lib/topology.ts';
import type { AgentView } from './agent.ts';
import { type Answer, history, pauseAutomation, refusal, resumeAutomation } from './operator.ts';
import { FRESH_MS, statusBody, validateBody } from './status.ts';

const BODY_MAX_BYTES = 4_096;
const KEY = /^[\x21-\x7e]{1,128}$/;

function agentMetrics(region: Member, view: () => AgentView): Registry {
  const registry = createRegistry('agent', region);
  const gauge = (name: string, help: string, read: (view: AgentView) => number | null): void => {
    gaugeOf(registry, name, help, () => read(view()));
  };
  gauge('tier0_cluster_epoch', 'Epoch of the cluster record', ({ record }) => record?.epoch ?? null);
  gauge('tier0_cluster_leader', '1 when this region leads', ({ record }) =>
    Number(record?.leader === region),
  );
  gauge('tier0_cluster_strict', '1 when every commit is in both regions', ({ record }) =>
    Number(record?.mode === 'strict'),
  );
  gauge('tier0_cluster_paused', '1 while automation is paused', ({ pause }) => Number(pause !== null));
  gauge('tier0_cluster_record_age_seconds', 'Age of the confirmed record', ({ recordAgeMs }) =>
    Number.isFinite(recordAgeMs) ? recordAgeMs / 1000 : null,
  );
  gauge('tier0_replication_lag_bytes', 'WAL not yet flushed by the standby', ({ local }) =>
    local?.state === 'primary' ? (local.standby?.lagBytes ?? null) : null,
  );
  return registry;
}

export type AgentHttp = {
  readonly region: Member;
  readonly host: string;
  readonly port: number;
  readonly etcd: Etcd;
  readonly log: Log;
  readonly view: () => AgentView;
  readonly moveTo: (target: string, id: string) => Promise<Answer>;
};

async function answerGet(url: URL, parts: AgentHttp): Promise<Answer> {
  const view = parts.view();
  const now = { wallMs: wallMs(), monotonicMs: monotonicMs() };
  switch (url.pathname) {
    case '/health':
      return {
        status: 200,
        body: { status: 'healthy', region: parts.region, fresh: view.recordAgeMs < FRESH_MS },
      };
    case '/status':
      return { status: 200, body: statusBody(parts.region, view, now) };
    case '/validate':
      return { status: 200, body: validateBody(parts.region, view, now) };
    case '/history':
      return history(parts.etcd, url.searchParams);
    default:
      return refusal(
        404,
        'not_found',
        'there are GET /health, /status, /validate, /history, /metrics and POST /failover/{region}, /pause, /resume',
      );
  }
}

async function answerPost(request: IncomingMessage, url: URL, parts: AgentHttp): Promise<Answer> {
  let body: unknown;
  try {
    body = await readJson(request, BODY_MAX_BYTES);
  } catch (error) {
    return refusal(400, 'bad_request', `the body is not JSON: ${describeError(error)}`);
  }
  const target = /^\/failover\/([^/]{1,64})$/.exec(url.pathname)?.[1];
  if (target !== undefined) {
    const key = request.headers['idempotency-key'] ?? randomUUID();
    if (typeof key !== 'string' || !KEY.test(key)) {
      return refusal(
        400,
        'invalid_field',
        'idempotency-key must be 1 to 128 printable characters',
        'idempotency-key',
      );
    }
    return parts.moveTo(decodeRegion(target), key);
  }
  if (url.pathname === '/pause') return pauseAutomation(parts.etcd, body);
  if (url.pathname === '/resume') return resumeAutomation(parts.etcd);
  return refusal(404, 'not_found', 'there are POST /failover/{region}, /pause, /resume');
}

function decodeRegion(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function answer(request: IncomingMessage, parts: AgentHttp): Promise<Answer> {
  const url = new URL(request.url ?? '/', 'http://agent');
  if (request.method === 'GET' || request.method === 'HEAD') return answerGet(url, parts);
  if (request.method === 'POST') return answerPost(request, url, parts);
  return Promise.resolve(refusal(405, 'method_not_allowed', 'GET and POST only'));
}

export async function serveAgent(lifecycle: Lifecycle, parts: AgentHttp): Promise<void> {
  const { log } = parts;
  const registry = agentMetrics(parts.region, parts.view);
  const json = (response: ServerResponse, { status, body }: Answer): void => {
    response
      .writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store' })
      .end(JSON.stringify(body));
  };
  const failed = (response: ServerResponse, error: unknown): void => {
    log.error({ err: error }, 'request failed');
    json(response, refusal(500, 'internal', 'the agent failed on this request'));
  };
  const server = createServer((request, response) => {
    const isMetrics = request.method === 'GET' && request.url === '/metrics';
    const done = isMetrics
      ? registry.metrics().then((text) => {
          response.writeHead(200, { 'content-type': registry.contentType }).end(text);
        })
      : answer(request, parts).then((found) => json(response, found));
    done.catch((error: unknown) => failed(response, error));
  });
  await listen(lifecycle, 'http', server, parts.host, parts.port);
}
