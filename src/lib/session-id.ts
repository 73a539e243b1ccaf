/**
 * A session's id says whose it is and that we made it, so that any region can end a session that no database has
 * seen yet. Sixteen bytes, written as a UUID: the user's number, what the login's key made of it, and a mark that
 * only the instance's secret makes.
 */
import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { type User, userOf } from './users.ts';

const NUMBER_BYTES = 4;
const MARK_AT = 10;
const BYTES = 16;

const asUuid = (bytes: Buffer): string =>
  bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');

const markOf = (secret: string, body: Buffer): Buffer =>
  createHmac('sha256', secret)
    .update(body)
    .digest()
    .subarray(0, BYTES - MARK_AT);

/** The same login, told by its idempotency key, has the same session. */
export function sessionIdOf(secret: string, user: User, key: string): string {
  const body = Buffer.alloc(MARK_AT);
  body.writeUInt32BE(Number(user.userId.slice(-5)));
  createHash('sha256')
    .update(`${user.userId} ${key}`)
    .digest()
    .copy(body, NUMBER_BYTES, 0, MARK_AT - NUMBER_BYTES);
  return asUuid(Buffer.concat([body, markOf(secret, body)]));
}

/** null: we made no such session. */
export function userOfSession(secret: string, sessionId: string): User | null {
  const bytes = Buffer.from(sessionId.replaceAll('-', ''), 'hex');
  if (bytes.length !== BYTES) return null;
  const body = bytes.subarray(0, MARK_AT);
  if (!timingSafeEqual(bytes.subarray(MARK_AT), markOf(secret, body))) return null;
  return userOf(body.readUInt32BE());
}

/** The id of the message that says this of a session: the same however often it is said. */
export function sessionMessageId(kind: 'login' | 'logout', sessionId: string): string {
  return asUuid(createHash('sha256').update(`${kind} ${sessionId}`).digest().subarray(0, BYTES));
}
