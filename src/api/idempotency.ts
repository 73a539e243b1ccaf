/**
 * HTTP writes that may be sent again. The answer is stored under the request's key in the transaction of the
 * effect, so after an unknown outcome the same request either finds its answer or does its work now.
 */
import { createHash, randomUUID } from 'node:crypto';
import type { FastifyRequest } from 'fastify';
import type { QueryResult, QueryResultRow } from 'pg';
import { HttpError, invalidField } from './errors.ts';
import type { Database } from './registry-store.ts';

const KEY = /^[\x20-\x7e]{1,128}$/;

/** The client's key, or a new one. Throws HttpError 400 when it is not 1 to 128 printable ASCII characters. */
export function idempotencyKeyOf(request: FastifyRequest): string {
  const key = request.headers['idempotency-key'] ?? randomUUID();
  if (typeof key !== 'string' || !KEY.test(key)) {
    throw invalidField('idempotency-key', 'idempotency-key must be 1 to 128 printable ASCII characters');
  }
  return key;
}

export type IdempotentWrite = {
  readonly key: string;
  /** Method and route, so that a key of another route is another request. */
  readonly route: string;
  /** What is answered with 201, and hashed with the route to tell whether a key is used for the same request. */
  readonly body: object;
  /** An INSERT ... SELECT ... FROM fresh, with parameters from $5 on: it does nothing when the key is known. */
  readonly effect: string;
  readonly values: readonly unknown[];
};

type Row = QueryResultRow & { request_hash: string; body: object; replays: number };

/**
 * One statement, one round trip: the key's row is inserted, or its replays counted. Counting is a write as
 * well, so that a replayed answer is only given after a commit that waits for the sync set, and with it
 * everything before it. Two requests with one key wait for each other on the row.
 * Throws HttpError 422 when the key was used for another request.
 */
export async function writeOnce(
  db: Database,
  write: IdempotentWrite,
): Promise<{ readonly body: object; readonly replayed: boolean }> {
  const text = JSON.stringify(write.body);
  const hash = createHash('sha256').update(`${write.route}\n${text}`).digest('base64');
  const { rows }: QueryResult<Row> = await db.query<Row>(
    `WITH stored AS (
       INSERT INTO idempotency_key AS k (key, request_hash, status, body) VALUES ($1, $2, $3, $4)
       ON CONFLICT (key) DO UPDATE SET replays = k.replays + 1
       RETURNING request_hash, body, replays
     ), fresh AS (SELECT FROM stored WHERE replays = 0), effect AS (${write.effect})
     SELECT request_hash, body, replays FROM stored`,
    [write.key, hash, 201, text, ...write.values],
  );
  const row = rows[0];
  if (row === undefined) throw new Error('the key was neither stored nor found');
  if (row.request_hash !== hash) {
    throw new HttpError(422, {
      error: 'idempotency_key_reused',
      message: 'This idempotency key was used for another request.',
      field: 'idempotency-key',
    });
  }
  return { body: row.body, replayed: row.replays > 0 };
}
