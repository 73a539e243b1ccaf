/** Prometheus' HTTP API (prometheus.io/docs/prometheus/latest/querying/api), as far as the Observability page needs it. */
import { type Static, type TSchema, Type } from 'typebox';
import { Value } from 'typebox/value';
import { monotonicMs } from '../lib/clock.ts';
import { describeError } from '../lib/errors.ts';
import { httpCall } from '../lib/http-call.ts';
import { HttpError } from '../lib/http-errors.ts';

const LIMIT_MS = 8_000;
/** Answers are shared for so long: many pages ask for the same. */
const FRESH_MS = 4_000;
const CACHED_MAX = 500;

const Labels = Type.Record(Type.String(), Type.String());
const Matrix = Type.Object({
  data: Type.Object({
    result: Type.Array(
      Type.Object({ metric: Labels, values: Type.Array(Type.Tuple([Type.Number(), Type.String()])) }),
    ),
  }),
});
const Vector = Type.Object({
  data: Type.Object({
    result: Type.Array(Type.Object({ metric: Labels, value: Type.Tuple([Type.Number(), Type.String()]) })),
  }),
});
const Alerts = Type.Object({
  data: Type.Object({
    alerts: Type.Array(
      Type.Object({
        labels: Labels,
        annotations: Labels,
        state: Type.String(),
        activeAt: Type.String(),
        value: Type.String(),
      }),
    ),
  }),
});

export type Series = {
  readonly labels: Readonly<Record<string, string>>;
  readonly points: ReadonlyMap<number, number>;
};
export type Sample = { readonly labels: Readonly<Record<string, string>>; readonly value: number };
export type PrometheusAlert = Static<typeof Alerts>['data']['alerts'][number];

/** 504 and not 503: at 503 the front door asks the other region, whose Prometheus is the same one. */
function away(failure: string): HttpError {
  return new HttpError(504, {
    error: 'prometheus_away',
    message: `Prometheus does not answer; what it has collected is shown again when it does (${failure}).`,
  });
}

export class Prometheus {
  readonly #at: { readonly host: string; readonly port: number };
  readonly #cache = new Map<string, { readonly atMs: number; readonly body: Promise<unknown> }>();

  constructor(at: { readonly host: string; readonly port: number }) {
    this.#at = at;
  }

  /** Values by Unix second; what is no number (0/0) is left out. Throws HttpError. */
  async range(expr: string, fromS: number, toS: number, stepS: number): Promise<Series[]> {
    const query = { query: expr, start: String(fromS), end: String(toS), step: String(stepS) };
    const { data } = await this.#ask('/api/v1/query_range', query, Matrix);
    return data.result.map(({ metric, values }) => ({
      labels: metric,
      points: new Map(
        values
          .map(([at, value]) => [at, Number(value)] as const)
          .filter(([, value]) => Number.isFinite(value)),
      ),
    }));
  }

  /** Throws HttpError. */
  async now(expr: string): Promise<Sample[]> {
    const { data } = await this.#ask('/api/v1/query', { query: expr }, Vector);
    return data.result.map(({ metric, value }) => ({ labels: metric, value: Number(value[1]) }));
  }

  /** Throws HttpError. */
  async alerts(): Promise<PrometheusAlert[]> {
    return (await this.#ask('/api/v1/alerts', {}, Alerts)).data.alerts;
  }

  async #ask<T extends TSchema>(path: string, query: Record<string, string>, schema: T): Promise<Static<T>> {
    const address = `${path}?${new URLSearchParams(query)}`;
    const nowMs = monotonicMs();
    const cached = this.#cache.get(address);
    const body = cached !== undefined && nowMs - cached.atMs < FRESH_MS ? cached.body : this.#call(address);
    if (body !== cached?.body) this.#keep(address, body, nowMs);
    const answer = await body;
    if (!Value.Check(schema, answer)) throw away('it answers in another form');
    return answer;
  }

  #keep(address: string, body: Promise<unknown>, atMs: number): void {
    for (const [key, { atMs: then }] of this.#cache) {
      if (atMs - then < FRESH_MS && this.#cache.size < CACHED_MAX) break;
      this.#cache.delete(key);
    }
    this.#cache.delete(address);
    this.#cache.set(address, { atMs, body });
    // A failure is told to those who wait for it and not remembered.
    body.catch(() => this.#cache.delete(address));
  }

  async #call(path: string): Promise<unknown> {
    let failure: string;
    try {
      const { status, body } = await httpCall({ ...this.#at, path, limitMs: LIMIT_MS });
      if (status === 200) return JSON.parse(body);
      failure = `it answered ${status}: ${body.slice(0, 200)}`;
    } catch (error) {
      failure = describeError(error);
    }
    throw away(failure);
  }
}
