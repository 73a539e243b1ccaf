/** One line of the front door's log, as nginxConf (src/supervisor/engine-config.ts) lets nginx write it. Pure. */
import { Type } from 'typebox';
import { Value } from 'typebox/value';
import { type AccessEntry, accessEntryId, FRONT_DOOR, printable } from '../lib/access-log.ts';

const Line = Type.Object({
  /** nginx' $request_id. */
  id: Type.String({ pattern: '^[0-9a-f]{32}$' }),
  /** nginx' $msec: Unix seconds with milliseconds, when the request was answered. */
  at: Type.Number(),
  remote: Type.String(),
  user: Type.String(),
  method: Type.String(),
  uri: Type.String(),
  protocol: Type.String(),
  status: Type.Integer({ minimum: 0, maximum: 999 }),
  bytes: Type.Integer({ minimum: 0 }),
  seconds: Type.Number(),
  referer: Type.String(),
  agent: Type.String(),
});

const given = (field: 'user' | 'referer' | 'userAgent', text: string): string | null =>
  text === '' || text === '-' ? null : printable(field, text);
const orDash = (field: 'method' | 'path' | 'protocol', text: string): string =>
  text === '' ? '-' : printable(field, text);

/** null: not a line of a request. */
export function parseFrontDoorLine(text: string): AccessEntry | null {
  let line: unknown;
  try {
    line = JSON.parse(text);
  } catch {
    return null;
  }
  if (!Value.Check(Line, line)) return null;
  const atMs = Math.round(line.at * 1_000);
  return {
    id: accessEntryId(atMs, line.id),
    atMs,
    source: FRONT_DOOR,
    remote: printable('remote', line.remote),
    user: given('user', line.user),
    method: orDash('method', line.method),
    path: orDash('path', line.uri),
    protocol: orDash('protocol', line.protocol),
    status: line.status,
    bytes: line.bytes,
    referer: given('referer', line.referer),
    userAgent: given('userAgent', line.agent),
    seconds: line.seconds,
  };
}
