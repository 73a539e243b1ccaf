/** The HTTP server: validation, errors, metrics and documentation around the routes. */
import swagger from '@fastify/swagger';
import swaggerUi from '@fastify/swagger-ui';
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import fastify, { type FastifyReply } from 'fastify';
import { Counter, Gauge, Histogram } from '../lib/metrics.ts';
import type { Api, ApiContext } from './context.ts';
import { HttpError, notFound, toErrorReply } from './errors.ts';
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

/** Every path that answers GET tells other methods so, before it reads their body. */
function refuseOtherMethods(app: Api, paths: ReadonlySet<string>): void {
  for (const url of paths) {
    app.route({
      method: ['POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'],
      url,
      schema: { hide: true },
      onRequest: async (request, reply) => {
        reply.header('allow', 'GET, HEAD');
        throw new HttpError(405, {
          error: 'method_not_allowed',
          message: `${request.method} is not allowed here; GET is`,
        });
      },
      handler: async () => ({}),
    });
  }
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
  new Gauge({
    name: 'tier0_api_streams',
    help: 'Open event streams',
    registers,
    collect() {
      this.set(context.streams.count);
    },
  });
  app.addHook('onResponse', async (request, reply) => {
    const route = request.routeOptions.url ?? 'unknown';
    served.inc({ class: `${Math.floor(reply.statusCode / 100)}xx` });
    if (route.startsWith('/api/stream')) return;
    duration.observe({ route, method: request.method, status: reply.statusCode }, reply.elapsedTime / 1000);
  });
}

/** Checked before and after: a read that was held for seconds may have outlived the view it began with. */
function guardFreshness(app: Api, context: ApiContext): void {
  const guarded = (url: string | undefined): boolean =>
    url?.startsWith('/api/') === true && url !== '/api/stream';
  app.addHook('onRequest', async (request) => {
    if (guarded(request.routeOptions.url)) requireFreshView(context);
  });
  app.addHook('preSerialization', async (request, reply, payload: unknown) => {
    const late = reply.statusCode < 400 && context.viewAgeMs() >= MAX_VIEW_AGE_MS;
    if (late && guarded(request.routeOptions.url)) requireFreshView(context);
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
  const paths = new Set<string>();
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: { title: 'Tier-0 API', description: 'Fleet telemetry of two regions.', version: '1' },
    },
  });
  await app.register(swaggerUi, { routePrefix: '/docs' });
  app.addHook('onRoute', ({ method, url, schema }) => {
    if (method === 'GET' && schema?.hide !== true) paths.add(url);
  });
  addMetrics(app, context);
  guardFreshness(app, context);
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
