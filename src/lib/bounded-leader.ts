/** The leader's connections as routes use them: behind a deadline. */
import type { QueryResultRow } from 'pg';
import { within } from './clock.ts';
import { UnavailableError } from './errors.ts';
import type { LeaderPool } from './leader-pool.ts';

/** What reads need of the leader: one statement, retried on a dead connection. */
export type Database = Pick<LeaderPool, 'query'>;
/** What writes need of it: a connection, and to be run again on another when that one fails. */
export type Leader = Pick<LeaderPool, 'query' | 'withClient'>;

/** The pool holds work for 5 s while there is no leader; a statement may take as long again. */
const QUERY_DEADLINE_MS = 10_000;

/** A query on a server that hangs must not hold a request: after 10 s it throws UnavailableError. */
export function boundedLeader(pool: LeaderPool): Leader {
  const bounded = <T>(work: Promise<T>): Promise<T> =>
    within(QUERY_DEADLINE_MS, () => new UnavailableError('the leader did not answer in time'), work);
  return {
    query: <R extends QueryResultRow>(text: string, values: readonly unknown[] = []) =>
      bounded(pool.query<R>(text, values)),
    withClient: (work, options) => bounded(pool.withClient(work, options)),
  };
}
