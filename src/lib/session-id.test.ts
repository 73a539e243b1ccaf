import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { sessionIdOf, sessionMessageId, userOfSession } from './session-id.ts';
import { userOf } from './users.ts';

const SECRET = 'a secret of this test only';

describe('a session id', () => {
  it('is the same for the same login and another for any other', () => {
    const id = sessionIdOf(SECRET, userOf(7), 'key');
    assert.equal(sessionIdOf(SECRET, userOf(7), 'key'), id);
    const others = [sessionIdOf(SECRET, userOf(7), 'key2'), sessionIdOf(SECRET, userOf(8), 'key')];
    assert.ok(!others.includes(id));
    assert.match(id, /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
  });

  it('says whose it is', () => {
    for (const no of [1, 4_999, 5_000]) {
      assert.deepEqual(userOfSession(SECRET, sessionIdOf(SECRET, userOf(no), 'k')), userOf(no));
    }
  });

  it('that we did not make is nobody’s', () => {
    const id = sessionIdOf(SECRET, userOf(7), 'key');
    const forged = `00000008${id.slice(8)}`;
    for (const text of [forged, '', 'x', '0'.repeat(64), id.slice(1), `${id}00`])
      assert.equal(userOfSession(SECRET, text), null, text);
    assert.equal(userOfSession('another secret', id), null);
  });

  it('has one message for its beginning and one for its end', () => {
    const id = sessionIdOf(SECRET, userOf(7), 'key');
    assert.equal(sessionMessageId('login', id), sessionMessageId('login', id));
    assert.notEqual(sessionMessageId('login', id), sessionMessageId('logout', id));
  });
});
