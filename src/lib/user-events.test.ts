import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { activity, session } from './user-events.fixture.ts';
import { parseUserEvent } from './user-events.ts';

describe('a message', () => {
  it('is taken as bytes, text or JSON', () => {
    const event = session(1, 'login', '2026-11-25T10:00:00Z');
    for (const body of [event, JSON.stringify(event), Buffer.from(JSON.stringify(event))])
      assert.deepEqual(parseUserEvent(body), event);
    assert.equal(parseUserEvent(activity(2, '2026-11-25T10:00:00.123Z', 'idle')).site_id, 'WY-ALPHA');
  });

  const good = session(1, 'login', '2026-11-25T10:00:00Z');
  const bad: readonly [what: string, body: unknown, reason: RegExp][] = [
    ['nothing', '', /not JSON/],
    ['a number', '7', /not a JSON object/],
    ['null', null, /not a JSON object/],
    ['an unknown kind', { ...good, kind: 'sleep' }, /kind/],
    ['an id that is no UUID', { ...good, message_id: 'x' }, /message_id/],
    ['a NUL', { ...good, username: 'a\u0000b' }, /username/],
    ['a day that is none', { ...good, timestamp_utc: '2026-02-99T10:00:00Z' }, /2026-02-99/],
    ['a missing field', { ...good, session_id: undefined }, /session_id/],
    [
      'a negative count',
      { ...activity(2, '2026-11-25T10:00:00Z', 'idle'), metrics: { active_users: -1 } },
      /metrics/,
    ],
  ];
  for (const [what, body, reason] of bad) {
    it(`with ${what} is refused with the reason`, () => assert.throws(() => parseUserEvent(body), reason));
  }
});
