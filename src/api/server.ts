/** The HTTP server: validation, errors, metrics and documentation around the routes. */
import swagger from '@fastify/swagger';
import swaggerUi from '@fastify/swagger-ui';
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import fastify, { type FastifyReply, type FastifyRequest } from 'fastify';
import { Counter, gaugeOf, Histogram } from '../lib/metrics.ts';
import type { Api, ApiContext } from './context.ts';
import { HttpError, invalidField, notFound, toErrorReply } from './errors.ts';
import { MAX_VIEW_AGE_MS, requireFreshView } from './freshness.ts';
import { deviceRoutes } from './routes/devices.ts';
import { drillRoutes } from './routes/drills.ts';
import { fleetRoutes } from './routes/fleet.ts';
import { historyRoute } from './routes/history.ts';
import { rejectsRoute } from './routes/rejects.ts';
import { streamRoutes } from './routes/streams.ts';
import { systemRoutes } from './routes/system.ts';
import { writeRoutes } from './routes/writes.ts';

/** Longer path parameters are no device's name. */
const MAX_PARAM_LENGTH = 256;
const BODY_LIMIT_BYTES = 64 * 1024;
const REQUEST_TIMEOUT_MS = 15_000;

function answer(reply: FastifyReply, error: Error, context: ApiContext): FastifyReply {
  const { status, body } = toErrorReply(error);
  if (status === 500) context.log.error({ err: error }, 'request failed');
  if (body.retry_after_s !== undefined) reply.header('retry-after', Math.ceil(body.retry_after_s));
  return reply.code(status).send(body);
}

const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'];

/** Every path tells methods that it does not know so, before it reads their body. */
function refuseOtherMethods(app: Api, paths: ReadonlyMap<string, ReadonlySet<string>>): void {
  for (const [url, known] of paths) {
    const allowed = METHODS.filter((method) => known.has(method));
    const allow = allowed.flatMap((method) => (method === 'GET' ? ['GET', 'HEAD'] : [method])).join(', ');
    app.route({
      method: METHODS.filter((method) => !known.has(method)),
      url,
      schema: { hide: true },
      onRequest: async (request, reply) => {
        reply.header('allow', allow);
        throw new HttpError(405, {
          error: 'method_not_allowed',
          message: `${request.method} is not allowed here; ${allowed.join(' and ')} ${allowed.length === 1 ? 'is' : 'are'}`,
        });
      },
      handler: async () => ({}),
    });
  }
}

/** The public methods of every path, as its routes are added. */
function collectPaths(app: Api): ReadonlyMap<string, ReadonlySet<string>> {
  const paths = new Map<string, Set<string>>();
  app.addHook('onRoute', ({ method, url, schema }) => {
    if (schema?.hide === true) return;
    for (const one of [method].flat().filter((name) => METHODS.includes(name))) {
      paths.set(url, (paths.get(url) ?? new Set()).add(one));
    }
  });
  return paths;
}

const fieldsOf = (body: unknown): [string, unknown][] =>
  typeof body === 'object' && body !== null ? Object.entries(body) : [];

/** Validation converts types, which is right for the text of an address. A body says its types itself. */
function refuseConvertedBodies(app: Api): void {
  const sent = new WeakMap<object, Map<string, string>>();
  app.addHook('preValidation', async (request) => {
    const fields = fieldsOf(request.body).map(([name, value]): [string, string] => [
      name,
      JSON.stringify(value),
    ]);
    if (fields.length > 0) sent.set(request, new Map(fields));
  });
  app.addHook('preHandler', async (request) => {
    for (const [name, value] of fieldsOf(request.body)) {
      const before = sent.get(request)?.get(name);
      if (before !== undefined && before !== JSON.stringify(value)) {
        throw invalidField(name, `${name} must be a ${typeof value}`);
      }
    }
  });
}

function addMetrics(app: Api, context: ApiContext): void {
  const registers = [context.registry];
  const duration = new Histogram({
    name: 'tier0_http_request_duration_seconds',
    help: 'Time to answer by route template, method and status; streams are left out',
    labelNames: ['route', 'method', 'status'],
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
    registers,
  });
  const served = new Counter({
    name: 'tier0_http_responses_total',
    help: 'Responses by status class',
    labelNames: ['class'],
    registers,
  });
  gaugeOf(context.registry, 'tier0_api_streams', 'Open event streams', () => context.streams.count);
  app.addHook('onResponse', async (request, reply) => {
    const route = request.routeOptions.url ?? 'unknown';
    served.inc({ class: `${Math.floor(reply.statusCode / 100)}xx` });
    if (route.startsWith('/api/stream')) return;
    duration.observe({ route, method: request.method, status: reply.statusCode }, reply.elapsedTime / 1000);
  });
}

/**
 * Reads only: a write is answered after its commit, which an isolated region does not get, and stays an answer.
 * Checked before and after: a read that was held for seconds may have outlived the view it began with.
 */
function guardFreshness(app: Api, context: ApiContext): void {
  const guarded = ({ method, routeOptions: { url } }: FastifyRequest): boolean =>
    ['GET', 'HEAD'].includes(method) && url?.startsWith('/api/') === true && url !== '/api/stream';
  app.addHook('onRequest', async (request) => {
    if (guarded(request)) requireFreshView(context);
  });
  app.addHook('preSerialization', async (request, reply, payload: unknown) => {
    const late = reply.statusCode < 400 && context.viewAgeMs() >= MAX_VIEW_AGE_MS;
    if (late && guarded(request)) requireFreshView(context);
    return payload;
  });
}

/** The server with all routes, not yet listening. */
export async function buildServer(context: ApiContext): Promise<Api> {
  const app: Api = fastify({
    logger: false,
    routerOptions: { maxParamLength: MAX_PARAM_LENGTH },
    bodyLimit: BODY_LIMIT_BYTES,
    requestTimeout: REQUEST_TIMEOUT_MS,
    forceCloseConnections: true,
    ajv: { customOptions: { removeAdditional: false, coerceTypes: true, useDefaults: true } },
    frameworkErrors: (error, _request, reply) => {
      void answer(reply, error, context);
    },
  }).withTypeProvider<TypeBoxTypeProvider>();
  // Answers are typed by their schemas at compile time; serialising by schema would only cost time here.
  app.setSerializerCompiler(() => (data) => JSON.stringify(data));
  app.setErrorHandler((error: Error, _request, reply) => answer(reply, error, context));
  app.setNotFoundHandler(async (request) => {
    throw notFound(`there is nothing at ${request.method} ${request.url.split('?')[0]?.slice(0, 200)}`);
  });
  // JSON is the only form of a body.
  app.removeContentTypeParser('text/plain');
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: { title: 'Tier-0 API', description: 'Fleet telemetry of two regions.', version: '1' },
    },
  });
  await app.register(swaggerUi, { routePrefix: '/docs' });
  const paths = collectPaths(app);
  addMetrics(app, context);
  guardFreshness(app, context);
  refuseConvertedBodies(app);
  const all = [
    systemRoutes,
    fleetRoutes,
    deviceRoutes,
    historyRoute,
    rejectsRoute,
    streamRoutes,
    drillRoutes,
    writeRoutes,
  ];
  for (const routes of all) {
    routes(app, context);
  }
  refuseOtherMethods(app, paths);
  return app;
}
