/**
 * The rows of one filtered device list that are in memory: pages fetched around the reader, bounded in number,
 * kept current by the stream of the visible window. Rows notify one by one, so that an event draws again only
 * what it changed.
 */
import type { DeviceDetail, DevicesEvent, DevicesPage } from '../../../src/api/schemas.ts';
import { after, monotonicMs } from '../lib/clock.ts';
import { randomFraction } from '../lib/random.ts';
import { ApiError, getJson } from '../live/api.ts';
import { backoffMs } from '../live/backoff.ts';
import { isDevicesPage } from '../live/shapes.ts';
import { createStore } from '../live/store.ts';
import { apiQuery, type ListQuery } from './list-query.ts';
import { CACHE_PAGES, evictable, neededPages, PAGE_ROWS, type RowRange } from './paging.ts';

/** `heardAt_ms`: monotonic time of the last reading's arrival, null when the device never reported. */
export type ListRow = { readonly device: DeviceDetail; readonly heardAt_ms: number | null };

export type ListMeta = {
  readonly total: number | null;
  readonly error: ApiError | null;
};

type Page = { readonly rows: (ListRow | undefined)[]; complete: boolean };

/** A drag across the whole list passes every page; it fetches at this pace, and only where it is. */
const FETCH_PACE_MS = 100;
/** Rows that move on the server (a state filter) are fetched again at this pace at most. */
const REFRESH_PACE_MS = 3000;

export function listRow(device: DeviceDetail): ListRow {
  return { device, heardAt_ms: device.age_s === null ? null : monotonicMs() - device.age_s * 1000 };
}

export class DeviceWindow {
  readonly meta = createStore<ListMeta>({ total: null, error: null });
  readonly #query: ListQuery;
  /** In order of use, the least recent first. */
  readonly #pages = new Map<number, Page>();
  readonly #positions = new Map<string, number>();
  readonly #listeners = new Map<number, Set<() => void>>();
  readonly #fetching = new Map<number, AbortController>();
  #range: RowRange = { start: 0, end: 1 };
  #direction: 1 | -1 = 1;
  #cancelLoad: (() => void) | null = null;
  #cancelRefresh: (() => void) | null = null;
  #failures = 0;

  constructor(query: ListQuery) {
    this.#query = query;
  }

  /** The row's last known content, or undefined while it has not been fetched. */
  row(index: number): ListRow | undefined {
    return this.#pages.get(Math.floor(index / PAGE_ROWS))?.rows[index % PAGE_ROWS];
  }

  subscribeRow(index: number, listener: () => void): () => void {
    const set = this.#listeners.get(index) ?? new Set();
    this.#listeners.set(index, set.add(listener));
    return () => {
      set.delete(listener);
      if (set.size === 0) this.#listeners.delete(index);
    };
  }

  /** The reader sees these rows: fetch what is missing, forget what is far. */
  show(range: RowRange): void {
    if (range.start !== this.#range.start) this.#direction = range.start > this.#range.start ? 1 : -1;
    this.#range = range;
    this.#cancelLoad ??= after(this.meta.get().total === null ? 0 : FETCH_PACE_MS, () => this.#load());
  }

  retry(): void {
    this.#failures = 0;
    this.#cancelLoad?.();
    this.#load();
  }

  /** A page as the server has it now, from a fetch or from the stream, which sends it whole when rows moved. */
  applyPage(page: DevicesPage): void {
    page.devices.forEach((device, i) => {
      this.#setRow(page.offset + i, device);
    });
    this.#setTotal(page.total);
  }

  /** Changed rows of the streamed window. */
  applyChanges(event: DevicesEvent): void {
    for (const device of event.devices) {
      const index = this.#positions.get(device.device_id);
      if (index === undefined) this.#refreshSoon();
      else this.#setRow(index, device);
    }
    this.#setTotal(event.total);
  }

  /** Ends all fetches and timers. The window can be shown again afterwards. */
  close(): void {
    this.#cancelLoad?.();
    this.#cancelRefresh?.();
    this.#cancelLoad = null;
    this.#cancelRefresh = null;
    for (const abort of this.#fetching.values()) abort.abort();
    this.#fetching.clear();
  }

  /** Rows moved on the server: pages that are not streamed hold outdated positions. */
  #refreshSoon(): void {
    this.#cancelRefresh ??= after(REFRESH_PACE_MS, () => this.#refresh());
  }

  #refresh(): void {
    this.#cancelRefresh = null;
    for (const page of this.#pages.values()) page.complete = false;
    this.#load();
  }

  #load(): void {
    this.#cancelLoad = null;
    const total = this.meta.get().total;
    const needed = total === null ? [0] : neededPages(this.#range, total, this.#direction);
    for (const [page, abort] of this.#fetching) {
      if (!needed.includes(page)) {
        abort.abort();
        this.#fetching.delete(page);
      }
    }
    for (const page of needed) {
      const known = this.#pages.get(page);
      if (known !== undefined) {
        this.#pages.delete(page);
        this.#pages.set(page, known);
      }
      if (known?.complete !== true && !this.#fetching.has(page)) this.#fetch(page);
    }
    for (const page of evictable([...this.#pages.keys()], needed, CACHE_PAGES)) this.#forget(page);
  }

  #fetch(page: number): void {
    const abort = new AbortController();
    this.#fetching.set(page, abort);
    const path = `/api/devices?${apiQuery(this.#query, page * PAGE_ROWS, PAGE_ROWS)}`;
    getJson(path, isDevicesPage, abort.signal).then(
      (body) => this.#fetched(page, abort, body),
      (error: unknown) => {
        if (this.#fetching.get(page) !== abort) return;
        this.#fetching.delete(page);
        this.#failed(error instanceof ApiError ? error : new ApiError(String(error), null, error));
      },
    );
  }

  #fetched(page: number, abort: AbortController, body: DevicesPage): void {
    if (this.#fetching.get(page) !== abort) return;
    this.#fetching.delete(page);
    this.#failures = 0;
    this.applyPage(body);
    const stored = this.#pages.get(page);
    if (stored !== undefined) stored.complete = true;
    const meta = this.meta.get();
    if (meta.error !== null) this.meta.set({ ...meta, error: null });
    this.show(this.#range);
  }

  #failed(error: ApiError): void {
    this.meta.set({ ...this.meta.get(), error });
    if (!error.passing) return;
    const wait_ms = backoffMs(this.#failures, randomFraction());
    this.#failures += 1;
    this.#cancelLoad ??= after(wait_ms, () => this.#load());
  }

  #setTotal(total: number): void {
    const meta = this.meta.get();
    if (meta.total === total) return;
    this.meta.set({ ...meta, total });
    if (meta.total !== null) this.#refreshSoon();
  }

  #setRow(index: number, device: DeviceDetail): void {
    const number = Math.floor(index / PAGE_ROWS);
    const page = this.#pages.get(number) ?? { rows: [], complete: false };
    this.#pages.set(number, page);
    const old = page.rows[index % PAGE_ROWS];
    if (old !== undefined && old.device.device_id !== device.device_id) this.#dropPosition(old, index);
    page.rows[index % PAGE_ROWS] = listRow(device);
    this.#positions.set(device.device_id, index);
    for (const listener of this.#listeners.get(index) ?? []) listener();
  }

  #dropPosition(row: ListRow, index: number): void {
    if (this.#positions.get(row.device.device_id) === index) this.#positions.delete(row.device.device_id);
  }

  #forget(number: number): void {
    const page = this.#pages.get(number);
    this.#pages.delete(number);
    page?.rows.forEach((row, i) => {
      if (row !== undefined) this.#dropPosition(row, number * PAGE_ROWS + i);
    });
  }
}
