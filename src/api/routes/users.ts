import { randomUUID } from 'node:crypto';
import { isIP } from 'node:net';
import type { FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import { wallMs } from '../../lib/clock.ts';
import type { Api } from '../../lib/http-app.ts';
import { HttpError, notFound } from '../../lib/http-errors.ts';
import { ErrorBody } from '../../lib/http-schemas.ts';
import { sessionIdOf, sessionMessageId, userOfSession } from '../../lib/session-id.ts';
import type { SessionEvent } from '../../lib/user-events.ts';
import { isAccessCode, type User, userNamed } from '../../lib/users.ts';
import type { ApiContext } from '../context.ts';
import { WriteHeaders } from '../idempotency.ts';
import { NoQuery } from '../queries.ts';
import {
  LoginBody,
  SessionBody,
  UsersBody,
  UsersQuery,
  UsersTimelineBody,
  UsersTimelineQuery,
} from '../user-schemas.ts';
import { usersBody } from '../users.ts';
import { readUsersTimeline } from '../users-store.ts';

/** The client's address as the front door saw it, which alone reaches this port and writes this header anew. */
function clientAddress({ headers, ip }: FastifyRequest): string {
  const seen = String(headers['x-forwarded-for'] ?? '');
  return isIP(seen) === 0 ? ip : seen;
}

function sessionEvent(
  kind: SessionEvent['kind'],
  user: User,
  sessionId: string,
  request: FastifyRequest,
): SessionEvent {
  const now = new Date(wallMs()).toISOString();
  return {
    message_id: sessionMessageId(kind, sessionId),
    timestamp_utc: now,
    site_id: user.siteId,
    kind,
    user_id: user.userId,
    username: user.username,
    session_id: sessionId,
    login_time: now,
    ip_address: clientAddress(request),
    region: user.region,
  };
}

/** GET /api/users and its timeline; POST and DELETE /api/sessions: log in and out. */
export function userRoutes(app: Api, { users, db }: ApiContext): void {
  const tags = ['users'];
  const errors = { 400: ErrorBody, 503: ErrorBody };
  app.get(
    '/api/users',
    {
      schema: {
        tags,
        summary: 'Who is on: open sessions, and how many by region and site',
        querystring: UsersQuery,
        response: { 200: UsersBody, ...errors },
      },
    },
    async ({ query }) => usersBody(await users.picture(), query),
  );
  app.get(
    '/api/users/timeline',
    {
      schema: {
        tags,
        summary: 'Active users, connections and latency over time',
        querystring: UsersTimelineQuery,
        response: { 200: UsersTimelineBody, ...errors },
      },
    },
    async ({ query }) => readUsersTimeline(db, query, wallMs()),
  );
  app.post(
    '/api/sessions',
    {
      schema: {
        tags,
        summary:
          'Log in. Answered once the event cannot be lost; the same idempotency key is the same session',
        headers: WriteHeaders,
        body: LoginBody,
        response: { 201: SessionBody, 401: ErrorBody, 413: ErrorBody, 415: ErrorBody, ...errors },
      },
    },
    async (request, reply) => {
      const { username, access_code } = request.body;
      const user = userNamed(username);
      if (!isAccessCode(users.secret, username, access_code) || user === null) {
        throw new HttpError(401, {
          error: 'wrong_credentials',
          message: 'Unknown user or wrong access code.',
        });
      }
      const key = request.headers['idempotency-key'] ?? randomUUID();
      const event = sessionEvent('login', user, sessionIdOf(users.secret, user, key), request);
      const stored_by = await users.keep(event);
      const { message_id, timestamp_utc, kind, ...session } = event;
      return reply.code(201).send({ ...session, stored_by });
    },
  );
  app.delete(
    '/api/sessions/:session_id',
    {
      schema: {
        tags,
        summary: 'Log out; may be repeated',
        params: Type.Object({ session_id: Type.String() }),
        querystring: NoQuery,
        response: { 204: Type.Null(), 404: ErrorBody, ...errors },
      },
    },
    async (request, reply) => {
      const { session_id } = request.params;
      const user = userOfSession(users.secret, session_id);
      if (user === null) throw notFound('there is no such session');
      await users.keep(sessionEvent('logout', user, session_id, request));
      return reply.code(204).send(null);
    },
  );
}
