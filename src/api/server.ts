/** The API's HTTP server: its routes, and reads only from a fresh view. */
import type { FastifyRequest } from 'fastify';
import { type Api, createApp } from '../lib/http-app.ts';
import { gaugeOf } from '../lib/metrics.ts';
import type { ApiContext } from './context.ts';
import { availabilityRoutes } from './routes/availability.ts';
import { deviceRoutes } from './routes/devices.ts';
import { drillRoutes } from './routes/drills.ts';
import { fleetRoutes } from './routes/fleet.ts';
import { historyRoute } from './routes/history.ts';
import { logRoutes } from './routes/logs.ts';
import { observabilityRoutes } from './routes/observability.ts';
import { rejectsRoute } from './routes/rejects.ts';
import { streamRoutes } from './routes/streams.ts';
import { systemRoutes } from './routes/system.ts';
import { userRoutes } from './routes/users.ts';
import { writeRoutes } from './routes/writes.ts';

/**
 * Reads only: a write is answered after its commit, which an isolated region does not get, and stays an answer.
 * Checked before and after: a read that was held for seconds may have outlived the view it began with.
 */
function guardFreshness(app: Api, context: ApiContext): void {
  const guarded = ({ method, routeOptions: { url } }: FastifyRequest): boolean =>
    ['GET', 'HEAD'].includes(method) && url?.startsWith('/api/') === true && url !== '/api/stream';
  app.addHook('onRequest', async (request) => {
    if (guarded(request)) await context.reads.fresh();
  });
  app.addHook('preSerialization', async (request, reply, payload: unknown) => {
    if (reply.statusCode < 400 && guarded(request)) await context.reads.fresh();
    return payload;
  });
}

/** The server with all routes, not yet listening. */
export async function buildServer(context: ApiContext): Promise<Api> {
  const { registry, log } = context;
  const { app, finish } = await createApp({
    title: 'Tier-0 API',
    description: 'Fleet telemetry of two regions.',
    registry,
    log,
  });
  gaugeOf(registry, 'tier0_api_streams', 'Open event streams', () => context.streams.count);
  guardFreshness(app, context);
  const all = [
    systemRoutes,
    fleetRoutes,
    deviceRoutes,
    historyRoute,
    logRoutes,
    rejectsRoute,
    streamRoutes,
    drillRoutes,
    writeRoutes,
    userRoutes,
    availabilityRoutes,
    observabilityRoutes,
  ];
  for (const routes of all) {
    routes(app, context);
  }
  finish();
  return app;
}
