/**
 * The few etcd v3 operations that the cluster needs, over etcd's JSON gateway (docs: etcd.io, "gRPC gateway").
 *
 * Every call has a deadline and goes to the region's own member first, then to the others. A member that has
 * failed is asked last until it answers again: one that is frozen would cost every call its whole deadline.
 * Reads are linearizable. A call that fails after it was sent has an
 * unknown outcome (hazard H9): callers read again before they act on it.
 */
import { Agent, request as httpRequest } from 'node:http';
import { monotonicMs } from './clock.ts';
import { UnavailableError } from './errors.ts';

export type KeyValue = { readonly key: string; readonly value: string; readonly modRevision: number };

type WireKv = { key: string; value?: string; mod_revision: string };
type WireRange = { kvs?: WireKv[] };
type WireTxn = { succeeded?: boolean; responses?: { response_range?: WireRange }[] };

const encode = (text: string): string => Buffer.from(text, 'utf8').toString('base64');
const decode = (text: string): string => Buffer.from(text, 'base64').toString('utf8');

/** The range end that makes `key` a prefix: its last byte plus one. */
function prefixEnd(prefix: string): string {
  const bytes = Buffer.from(prefix, 'utf8');
  const last = bytes.length - 1;
  bytes[last] = (bytes[last] ?? 0) + 1;
  return bytes.toString('base64');
}

const keyValues = (range: WireRange | undefined): KeyValue[] =>
  (range?.kvs ?? []).map((kv) => ({
    key: decode(kv.key),
    value: decode(kv.value ?? ''),
    modRevision: Number(kv.mod_revision),
  }));

const AILING_MS = 3_000;

export type EtcdOptions = {
  /** http://host:port of the members, the nearest first. */
  readonly endpoints: readonly string[];
  readonly deadlineMs: number;
  /** A member that has failed is asked last for so long; then it is tried beside a call, never before it. */
  readonly ailingMs?: number;
};

export class Etcd {
  readonly #endpoints: readonly string[];
  readonly #deadlineMs: number;
  readonly #ailingMs: number;
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 8 });
  /** Members that failed lately, with the time at which each is tried again. */
  readonly #ailing = new Map<string, number>();

  constructor(options: EtcdOptions) {
    this.#endpoints = options.endpoints;
    this.#deadlineMs = options.deadlineMs;
    this.#ailingMs = options.ailingMs ?? AILING_MS;
  }

  close(): void {
    this.#agent.destroy();
  }

  /** Whether the member has failed and not answered since. */
  isAiling(endpoint: string): boolean {
    return this.#ailing.has(endpoint);
  }

  async get(key: string): Promise<KeyValue | null> {
    const reply = await this.#call<WireRange>('/v3/kv/range', { key: encode(key) });
    return keyValues(reply)[0] ?? null;
  }

  async list(prefix: string): Promise<KeyValue[]> {
    return keyValues(
      await this.#call<WireRange>('/v3/kv/range', { key: encode(prefix), range_end: prefixEnd(prefix) }),
    );
  }

  /** The pairs under `prefix` whose keys come last in order, the last first. */
  async newest(prefix: string, limit: number): Promise<KeyValue[]> {
    return keyValues(
      await this.#call<WireRange>('/v3/kv/range', {
        key: encode(prefix),
        range_end: prefixEnd(prefix),
        sort_order: 'DESCEND',
        sort_target: 'KEY',
        limit: String(limit),
      }),
    );
  }

  async put(key: string, value: string): Promise<void> {
    await this.#call('/v3/kv/put', { key: encode(key), value: encode(value) });
  }

  async remove(key: string): Promise<void> {
    await this.#call('/v3/kv/deleterange', { key: encode(key) });
  }

  /** Removes the keys from `first` up to, and without, `end`. */
  async removeRange(first: string, end: string): Promise<void> {
    await this.#call('/v3/kv/deleterange', { key: encode(first), range_end: encode(end) });
  }

  /** Writes `key` and reads everything under `prefix` in one transaction, so both are of one moment. */
  async putAndList(key: string, value: string, prefix: string): Promise<KeyValue[]> {
    const reply = await this.#call<WireTxn>('/v3/kv/txn', {
      success: [
        { request_put: { key: encode(key), value: encode(value) } },
        { request_range: { key: encode(prefix), range_end: prefixEnd(prefix) } },
      ],
    });
    return keyValues(reply.responses?.[1]?.response_range);
  }

  /**
   * Compare-and-set: writes only if the key still has `modRevision` (0: does not exist), and `also` with it.
   * Returns whether it was written. Throws UnavailableError when the outcome is unknown.
   */
  async compareAndSet(
    key: string,
    modRevision: number,
    value: string,
    also?: { readonly key: string; readonly value: string },
  ): Promise<boolean> {
    const puts = also === undefined ? [{ key, value }] : [{ key, value }, also];
    const reply = await this.#callOnce<WireTxn>('/v3/kv/txn', {
      compare: [{ key: encode(key), target: 'MOD', result: 'EQUAL', mod_revision: String(modRevision) }],
      success: puts.map((put) => ({ request_put: { key: encode(put.key), value: encode(put.value) } })),
    });
    return reply.succeeded === true;
  }

  /** Ids of this call's member and of the leader it knows, from the first endpoint only. */
  async localStatus(): Promise<{ memberId: string; leaderId: string }> {
    const [endpoint] = this.#endpoints;
    if (endpoint === undefined) throw new UnavailableError('no etcd endpoint');
    const reply = await this.#post<{ header: { member_id: string }; leader?: string }>(
      endpoint,
      '/v3/maintenance/status',
      {},
    );
    return { memberId: reply.header.member_id, leaderId: reply.leader ?? '0' };
  }

  async memberIds(): Promise<Map<string, string>> {
    const reply = await this.#call<{ members?: { ID: string; name?: string }[] }>(
      '/v3/cluster/member/list',
      {},
    );
    return new Map((reply.members ?? []).map((member) => [member.name ?? '', member.ID]));
  }

  /** Hands etcd's leadership to a member; only the current leader, which must be the first endpoint, can. */
  async transferLeadership(memberId: string): Promise<void> {
    const [endpoint] = this.#endpoints;
    if (endpoint === undefined) throw new UnavailableError('no etcd endpoint');
    await this.#post(endpoint, '/v3/maintenance/transfer-leadership', { targetID: memberId });
  }

  /** For what may be done twice: the next member is asked after any failure. */
  #call<T>(path: string, body: object): Promise<T> {
    return this.#callWhile(() => true, path, body);
  }

  /** For what must not be: the next member is asked only when the request has reached none so far. */
  #callOnce<T>(path: string, body: object): Promise<T> {
    const neverSent = (error: unknown): boolean =>
      error instanceof Error && 'code' in error && error.code === 'ECONNREFUSED';
    return this.#callWhile(neverSent, path, body);
  }

  async #callWhile<T>(mayGoOn: (error: unknown) => boolean, path: string, body: object): Promise<T> {
    let failure: unknown;
    for (const endpoint of this.#inOrder()) {
      try {
        const reply = await this.#post<T>(endpoint, path, body);
        this.#ailing.delete(endpoint);
        return reply;
      } catch (error) {
        failure = error;
        this.#ailing.set(endpoint, monotonicMs() + this.#ailingMs);
        if (!mayGoOn(error)) break;
      }
    }
    throw new UnavailableError('etcd does not answer', 1, failure);
  }

  /** The nearest first, those that failed last. */
  #inOrder(): string[] {
    const nowMs = monotonicMs();
    for (const [endpoint, untilMs] of this.#ailing) {
      if (nowMs < untilMs) continue;
      this.#ailing.set(endpoint, nowMs + this.#ailingMs);
      void this.#tryAgain(endpoint);
    }
    return [
      ...this.#endpoints.filter((endpoint) => !this.#ailing.has(endpoint)),
      ...this.#endpoints.filter((endpoint) => this.#ailing.has(endpoint)),
    ];
  }

  /** A linearizable read: a member without a majority answers its status all the same. */
  async #tryAgain(endpoint: string): Promise<void> {
    try {
      await this.#post(endpoint, '/v3/kv/range', { key: encode('/'), keys_only: true });
      this.#ailing.delete(endpoint);
    } catch {
      // It is ailing still, which is what is on record.
    }
  }

  #post<T>(endpoint: string, path: string, body: object): Promise<T> {
    const payload = JSON.stringify(body);
    return new Promise<T>((resolve, reject) => {
      const request = httpRequest(
        `${endpoint}${path}`,
        {
          method: 'POST',
          agent: this.#agent,
          signal: AbortSignal.timeout(this.#deadlineMs),
          headers: { 'content-type': 'application/json', 'content-length': Buffer.byteLength(payload) },
        },
        (response) => {
          const chunks: Buffer[] = [];
          response.on('data', (chunk: Buffer) => chunks.push(chunk));
          response.on('error', reject);
          response.on('end', () => {
            const text = Buffer.concat(chunks).toString('utf8');
            if (response.statusCode !== 200) {
              reject(new Error(`etcd ${endpoint}${path} answered ${response.statusCode}: ${text}`));
              return;
            }
            // What is no JSON comes from something else on that port; thrown here it would end the process.
            try {
              resolve(JSON.parse(text) as T);
            } catch (error) {
              reject(error);
            }
          });
        },
      );
      request.on('error', reject);
      request.end(payload);
    });
  }

  /**
   * Calls `onChange` for every change of `key` until the signal aborts or the stream breaks; then it
   * resolves, and the caller reads the key and watches again. The stream has no deadline of its own.
   */
  watch(endpoint: string, key: string, signal: AbortSignal, onChange: () => void): Promise<void> {
    const payload = JSON.stringify({ create_request: { key: encode(key) } });
    return new Promise<void>((resolve) => {
      const request = httpRequest(
        `${endpoint}/v3/watch`,
        { method: 'POST', signal, headers: { 'content-type': 'application/json' } },
        (response) => {
          response.on('data', onChange);
          response.on('error', () => resolve());
          response.on('close', () => resolve());
        },
      );
      request.on('error', () => resolve());
      request.end(payload);
    });
  }
}
