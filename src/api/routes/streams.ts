import { every, monotonicMs, wallMs } from '../../lib/clock.ts';
import { describeError } from '../../lib/errors.ts';
import type { Api } from '../../lib/http-app.ts';
import { frame, type SseClient } from '../../lib/sse.ts';
import type { ApiContext } from '../context.ts';
import { MAX_VIEW_AGE_MS } from '../freshness.ts';
import { findRows, type RowsPage } from '../live-query.ts';
import { comparePages, type PageState, pageState } from '../page-watch.ts';
import { presentDevices } from '../present.ts';
import { DeviceParams, NoQuery, StreamDevicesQuery } from '../queries.ts';
import type { DevicesQuery } from '../schemas.ts';
import { requireDevice } from './devices.ts';

const OVERVIEW_MS = 1_000;
const PAGE_MS = 1_000;
const DEVICE_MS = 250;

const schema = (summary: string) => ({ tags: ['streams'], summary, produces: ['text/event-stream'] });

/**
 * Runs `step` at once and then every `ms` while the client stays, never twice at a time. A step that fails
 * (no leader for a context) is tried again at the next tick; the client keeps what it has meanwhile.
 */
function follow(context: ApiContext, client: SseClient, ms: number, step: () => Promise<void>): void {
  let busy = false;
  const run = async (): Promise<void> => {
    if (busy || client.closed.aborted || context.viewAgeMs() >= MAX_VIEW_AGE_MS) return;
    busy = true;
    try {
      await step();
    } catch (error) {
      context.log.debug({ failure: describeError(error) }, 'stream waits');
    } finally {
      busy = false;
    }
  };
  every(ms, client.closed, () => void run());
  void run();
}

/** All clients of /api/stream get the same text, made once a second, and only while there are any. */
function overviewStream(app: Api, context: ApiContext): void {
  const clients = new Set<SseClient>();
  let ticks = 0;
  const overview = (): string => frame('overview', context.overview());
  const sites = (): string => frame('sites', { sites: context.counts.at(monotonicMs(), wallMs()).sites });
  const stop = new AbortController();
  every(OVERVIEW_MS, stop.signal, () => {
    ticks += 1;
    if (clients.size === 0 || !context.ready()) return;
    const text = ticks % 2 === 0 ? overview() + sites() : overview();
    for (const client of clients) client.send(text);
  });
  app.addHook('onClose', async () => stop.abort());
  app.get(
    '/api/stream',
    {
      exposeHeadRoute: false,
      preHandler: () => context.reads.live(),
      schema: { ...schema('Events `overview` every second and `sites` every 2 s'), querystring: NoQuery },
    },
    (_request, reply) => {
      const client = context.streams.open(reply);
      clients.add(client);
      client.closed.addEventListener('abort', () => clients.delete(client), { once: true });
      client.send(overview() + sites());
    },
  );
}

/** Finds rows once a tick for all clients that ask for the same page. */
class PageCache {
  readonly #pages = new Map<string, { page: RowsPage; atMs: number }>();

  find(context: ApiContext, query: DevicesQuery, nowMs: number): RowsPage {
    const key = JSON.stringify(query);
    const cached = this.#pages.get(key);
    if (cached !== undefined && nowMs - cached.atMs < PAGE_MS / 2) return cached.page;
    for (const [other, { atMs }] of this.#pages) {
      if (nowMs - atMs >= PAGE_MS) this.#pages.delete(other);
    }
    const page = findRows(context.table, query, query, nowMs);
    this.#pages.set(key, { page, atMs: nowMs });
    return page;
  }
}

function pageStream(app: Api, context: ApiContext): void {
  const { table, contexts, streams } = context;
  const cache = new PageCache();
  app.get(
    '/api/stream/devices',
    {
      exposeHeadRoute: false,
      preHandler: () => context.reads.live(),
      schema: {
        ...schema('Event `page` at first and when other devices match, `devices` with the changed rows'),
        querystring: StreamDevicesQuery,
      },
    },
    ({ query }, reply) => {
      const client = streams.open(reply);
      let sent: PageState | null = null;
      follow(context, client, PAGE_MS, async () => {
        const nowMs = wallMs();
        const now = pageState(table, cache.find(context, query, nowMs), nowMs);
        const change = sent === null ? { kind: 'page' as const } : comparePages(sent, now);
        if (change.kind === 'same') return;
        const rows = change.kind === 'page' ? now.rows : change.rows;
        const devices = await presentDevices(table, contexts, rows, nowMs);
        const { limit, offset } = query;
        client.send(
          change.kind === 'page'
            ? frame('page', { total: now.total, limit, offset, devices })
            : frame('devices', { total: now.total, devices }),
        );
        sent = now;
      });
    },
  );
}

function deviceStream(app: Api, context: ApiContext): void {
  const { table, contexts, streams } = context;
  app.get(
    '/api/stream/devices/:id',
    {
      exposeHeadRoute: false,
      preHandler: () => context.reads.live(),
      schema: {
        ...schema('Event `device` on every change, at most four a second'),
        params: DeviceParams,
        querystring: NoQuery,
      },
    },
    ({ params }, reply) => {
      const row = requireDevice(table, params.id);
      const client = streams.open(reply);
      let sent = '';
      follow(context, client, DEVICE_MS, async () => {
        const nowMs = wallMs();
        const [mark = ''] = pageState(table, { total: 1, rows: [row] }, nowMs).marks;
        if (mark === sent) return;
        const [device] = await presentDevices(table, contexts, [row], nowMs);
        client.send(frame('device', device));
        sent = mark;
      });
    },
  );
}

/** GET /api/stream, /api/stream/devices and /api/stream/devices/{id}: Server-Sent Events. */
export function streamRoutes(app: Api, context: ApiContext): void {
  overviewStream(app, context);
  pageStream(app, context);
  deviceStream(app, context);
}
