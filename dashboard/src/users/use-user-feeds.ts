/** Everything the Users page asks the API for. */
import { useRef } from 'react';
import { useAnswer } from '../live/use-answer.ts';
import { clockOffsetMs } from './user-figures.ts';
import { apiQuery, rangeOf, type UserQuery } from './user-query.ts';
import { isUsers, isUsersTimeline } from './user-shapes.ts';

const PERIOD_MS = 2_000;

/** Who is on, and what to add to the answer's times for the page's monotonic clock. */
export function useUsers(query: UserQuery) {
  const answer = useAnswer(() => `/api/users?${apiQuery(query)}`, isUsers, PERIOD_MS);
  const offset = useRef(Number.POSITIVE_INFINITY);
  if (answer.data !== null) {
    offset.current = clockOffsetMs(offset.current, answer.data.at, answer.arrivedAt_ms);
  }
  return { answer, offset_ms: offset.current };
}

export function useUsersTimeline(query: UserQuery) {
  const { minutes, points, refresh_ms } = rangeOf(query);
  const path = `/api/users/timeline?minutes=${minutes}&points=${points}`;
  return useAnswer(() => path, isUsersTimeline, refresh_ms);
}
