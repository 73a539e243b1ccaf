/** The answers of the users' API that this page understands. */
import type { UsersBody, UsersTimelineBody } from '../../../src/api/user-schemas.ts';
import { outline } from '../live/shapes.ts';

export const isUsers = outline<UsersBody>({
  at: 'string',
  active_users: 'number',
  idle_users: 'number',
  total_sessions: 'number',
  matching: 'number',
  offset: 'number',
  regions: 'array',
  sites: 'array',
  sessions: 'array',
});
export const isUsersTimeline = outline<UsersTimelineBody>({
  from: 'string',
  step_s: 'number',
  active_users: 'array',
  active_connections: 'array',
  average_latency_ms: 'array',
});
