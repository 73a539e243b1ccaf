/** What was asked, how it was answered and how long it took; for /stats and for Prometheus. */
import { Counter, Histogram, type Registry } from '../lib/metrics.ts';
import type { AnswerBody, StatsBody } from './schemas.ts';

/** Latencies that the percentiles are made of: the newest. */
const KEPT = 1_000;

const add = (counts: Record<string, number>, key: string): void => {
  counts[key] = (counts[key] ?? 0) + 1;
};

export class QueryStats {
  readonly #queries: Record<string, number> = {};
  readonly #fallbacks: Record<string, number> = {};
  #refusals = 0;
  readonly #latenciesMs: number[] = [];
  #next = 0;
  readonly #seconds: Histogram;
  readonly #refused: Counter;
  readonly #fellBack: Counter;

  constructor(registry: Registry) {
    const registers = [registry];
    this.#seconds = new Histogram({
      name: 'tier0_rag_query_duration_seconds',
      help: 'Time to answer a question by the kind of its answer and who answered',
      labelNames: ['type', 'provider'],
      buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
      registers,
    });
    this.#refused = new Counter({
      name: 'tier0_rag_refusals_total',
      help: 'Questions whose evidence was missing',
      registers,
    });
    this.#fellBack = new Counter({
      name: 'tier0_rag_fallbacks_total',
      help: 'Questions that were answered here although a Cohere key is set, by reason',
      labelNames: ['reason'],
      registers,
    });
  }

  /** `fallback`: the short reason why Cohere did not answer; null: it did, or it is not in use. */
  note(answer: AnswerBody, fallback: string | null): void {
    const { type, provider, query_time_ms, refused } = answer;
    add(this.#queries, type);
    if (refused) this.#refusals += 1;
    if (refused) this.#refused.inc();
    if (fallback !== null) {
      add(this.#fallbacks, fallback);
      this.#fellBack.inc({ reason: fallback });
    }
    this.#seconds.observe({ type, provider }, query_time_ms / 1_000);
    this.#latenciesMs[this.#next] = query_time_ms;
    this.#next = (this.#next + 1) % KEPT;
  }

  get body(): Pick<StatsBody, 'queries' | 'refusals' | 'fallbacks' | 'latency_ms'> {
    const sorted = this.#latenciesMs.toSorted((a, b) => a - b);
    const at = (share: number): number | null =>
      sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? null;
    return {
      queries: { ...this.#queries },
      refusals: this.#refusals,
      fallbacks: { ...this.#fallbacks },
      latency_ms: { p50: at(0.5), p99: at(0.99) },
    };
  }
}
