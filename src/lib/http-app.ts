/** A public HTTP server of ours: validation, errors, metrics and documentation around the routes. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import swagger from '@fastify/swagger';
import swaggerUi from '@fastify/swagger-ui';
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import fastify, {
  type FastifyBaseLogger,
  type FastifyInstance,
  type FastifyReply,
  type RawServerDefault,
} from 'fastify';
import { HttpError, invalidField, notFound, toErrorReply } from './http-errors.ts';
import type { Log } from './log.ts';
import { Counter, Histogram, type Registry } from './metrics.ts';
import { inRequest, type RequestContext, requestIdOf, requestSpan } from './tracing.ts';

/** The fastify instance with the types of TypeBox schemas. */
export type Api = FastifyInstance<
  RawServerDefault,
  IncomingMessage,
  ServerResponse,
  FastifyBaseLogger,
  TypeBoxTypeProvider
>;

export type AppOptions = {
  /** Of the OpenAPI document. */
  readonly title: string;
  readonly description: string;
  readonly registry: Registry;
  readonly log: Log;
};

/** Longer path parameters are no device's name. */
const MAX_PARAM_LENGTH = 256;
const BODY_LIMIT_BYTES = 64 * 1024;
const REQUEST_TIMEOUT_MS = 15_000;

function answer(reply: FastifyReply, error: Error, log: Log): FastifyReply {
  const { status, body } = toErrorReply(error);
  if (status === 500) log.error({ err: error }, 'request failed');
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

/** A file has none. */
const fieldsOf = (body: unknown): [string, unknown][] =>
  typeof body === 'object' && body !== null && !Buffer.isBuffer(body) ? Object.entries(body) : [];

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

/** An answer that took longer is worth a line; so is one that says the service failed. */
const SLOW_MS = 1_000;

/** What is done for a request has its id: log lines, statements, spans. */
function followRequests(app: Api, log: Log): void {
  const contexts = new WeakMap<object, RequestContext>();
  app.addHook('onRequest', (request, _reply, done) => {
    const requestId = requestIdOf(request.headers['x-request-id']);
    const route = request.routeOptions.url ?? 'unknown';
    const span = requestSpan(`${request.method} ${route}`, requestId, {
      'http.request.method': request.method,
      'http.route': route,
    });
    const context = { requestId, span };
    contexts.set(request, context);
    inRequest(context, done);
  });
  app.addHook('onResponse', async (request, reply) => {
    const context = contexts.get(request);
    if (context === undefined) return;
    const { statusCode: status, elapsedTime } = reply;
    const failed = status >= 500;
    context.span?.end(failed ? `HTTP ${status}` : null, { 'http.response.status_code': status });
    const route = request.routeOptions.url ?? 'unknown';
    if (route.startsWith('/api/stream') || (!failed && elapsedTime < SLOW_MS)) return;
    const line = {
      request_id: context.requestId,
      method: request.method,
      route,
      status,
      ms: Math.round(elapsedTime),
    };
    if (failed) log.warn(line, 'answered with a failure');
    else log.info(line, 'answered slowly');
  });
}

function addMetrics(app: Api, registry: Registry): void {
  const registers = [registry];
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
  app.addHook('onResponse', async (request, reply) => {
    const route = request.routeOptions.url ?? 'unknown';
    served.inc({ class: `${Math.floor(reply.statusCode / 100)}xx` });
    if (route.startsWith('/api/stream')) return;
    duration.observe({ route, method: request.method, status: reply.statusCode }, reply.elapsedTime / 1000);
  });
}

/** The server without routes, and `finish`: to be called when all routes are added, before it listens. */
export async function createApp(options: AppOptions): Promise<{ app: Api; finish: () => void }> {
  const { title, description, registry, log } = options;
  const app: Api = fastify({
    logger: false,
    routerOptions: { maxParamLength: MAX_PARAM_LENGTH },
    bodyLimit: BODY_LIMIT_BYTES,
    requestTimeout: REQUEST_TIMEOUT_MS,
    forceCloseConnections: true,
    ajv: { customOptions: { removeAdditional: false, coerceTypes: true, useDefaults: true } },
    frameworkErrors: (error, _request, reply) => {
      void answer(reply, error, log);
    },
  }).withTypeProvider<TypeBoxTypeProvider>();
  // Answers are typed by their schemas at compile time; serialising by schema would only cost time here.
  app.setSerializerCompiler(() => (data) => JSON.stringify(data));
  app.setErrorHandler((error: Error, _request, reply) => answer(reply, error, log));
  app.setNotFoundHandler(async (request) => {
    throw notFound(`there is nothing at ${request.method} ${request.url.split('?')[0]?.slice(0, 200)}`);
  });
  // JSON is the only form of a body.
  app.removeContentTypeParser('text/plain');
  await app.register(swagger, {
    openapi: { openapi: '3.1.0', info: { title, description, version: '1' } },
  });
  await app.register(swaggerUi, { routePrefix: '/docs' });
  const paths = collectPaths(app);
  followRequests(app, log);
  addMetrics(app, registry);
  refuseConvertedBodies(app);
  return { app, finish: () => refuseOtherMethods(app, paths) };
}

/** Routes whose body is a file: whatever its type is said to be, it comes as a Buffer. */
export async function takesFiles(app: Api, routes: (scoped: Api) => void): Promise<void> {
  await app.register((scoped, _options, done) => {
    scoped.removeAllContentTypeParsers();
    scoped.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, parsed) => parsed(null, body));
    routes(scoped);
    done();
  });
}
