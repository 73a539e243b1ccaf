/**
 * HTTP writes that may be sent again. The answer is stored under the request's key in the transaction of the
 * effect, so after an unknown outcome the same request either finds its answer or does its work now.
 */
import { createHash } from 'node:crypto';
import { Type } from 'typebox';
import type { Leader } from '../lib/bounded-leader.ts';
import { HttpError } from '../lib/http-errors.ts';
import { watchSyncWait } from '../lib/sync-wait.ts';
import { traced } from '../lib/tracing.ts';

/** Headers of every write. */
export const WriteHeaders = Type.Object({
  'idempotency-key': Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: 128,
      pattern: '^[ -~]*$',
      description:
        'Names this write. The same request with the same key is done once and answered alike; ' +
        'without one the service makes one, tells it in the answer, and cannot tell a repetition from a new write. ' +
        'Kept for 24 h',
    }),
  ),
});

/** Headers of every answer to a write. */
export const writeAnswer = (description: string) => ({
  description,
  headers: {
    'idempotency-key': { type: 'string', description: 'The key under which the write is known' },
    'idempotency-replayed': { type: 'string', description: '`true`: it was done earlier, and only once' },
  },
});

/** What a request keeps in memory while it is held, beside its body: sockets, headers, closures. */
const REQUEST_BYTES = 4_096;

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

const statementOf = (effect: string): string => `
  WITH stored AS (
    INSERT INTO idempotency_key AS k (key, request_hash, status, body) VALUES ($1, $2, $3, $4)
    ON CONFLICT (key) DO UPDATE SET replays = k.replays + 1
    RETURNING request_hash, replays
  ), fresh AS (SELECT FROM stored WHERE replays = 0), effect AS (${effect})
  SELECT request_hash, replays FROM stored`;

/** What a new connection may run to be ready for such a write: it plans it and writes nothing. */
export const warmUpOf = ({ effect, values }: Pick<IdempotentWrite, 'effect' | 'values'>) => ({
  text: `EXPLAIN ${statementOf(effect)}`,
  values: ['', '', 201, '{}', ...values],
});

type Row = { request_hash: string; replays: number };

/**
 * One statement, one round trip: the key's row is inserted, or its replays counted. Counting is a write as
 * well, so that an answer is only given again after a commit that waits for the sync set, and with it
 * everything before it. Two requests with one key wait for each other on the row.
 * Throws HttpError 422 when the key was used for another request, UnavailableError when no leader took it.
 */
export async function writeOnce(db: Leader, write: IdempotentWrite): Promise<{ readonly replayed: boolean }> {
  const text = JSON.stringify(write.body);
  const hash = createHash('sha256').update(`${write.route}\n${text}`).digest('base64');
  // Named, so that a connection plans it once instead of for every write.
  const name = `write ${write.route}`;
  const statement = statementOf(write.effect);
  const values = [write.key, hash, 201, text, ...write.values];
  const { rows } = await traced('postgres write', { 'tier0.route': write.route }, () =>
    db.withClient(
      (client) => watchSyncWait(client, () => client.query<Row>({ name, text: statement, values })),
      { bytes: REQUEST_BYTES + 2 * text.length },
    ),
  );
  const [row] = rows;
  if (row === undefined) throw new Error('the key was neither stored nor found');
  if (row.request_hash !== hash) {
    throw new HttpError(422, {
      error: 'idempotency_key_reused',
      message: 'This idempotency key was used for another request.',
      field: 'idempotency-key',
    });
  }
  return { replayed: row.replays > 0 };
}
