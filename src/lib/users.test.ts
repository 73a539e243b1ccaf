import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { accessCode, isAccessCode, MAX_USERS, USER_REGIONS, userNamed, userOf } from './users.ts';

const everybody = Array.from({ length: MAX_USERS }, (_, i) => userOf(i + 1));

describe('users', () => {
  it('have names and ids of their own, by which they are found', () => {
    assert.equal(new Set(everybody.map((user) => user.username)).size, MAX_USERS);
    assert.equal(new Set(everybody.map((user) => user.userId)).size, MAX_USERS);
    for (const user of everybody.slice(0, 50)) assert.deepEqual(userNamed(user.username), user);
  });

  it('that do not exist are not found', () => {
    for (const name of ['', 'x', 'ada.abbott.00002', 'ada.abbott.00000', 'ada.abbott.05001', 'ada.abbott.1'])
      assert.equal(userNamed(name), null, name);
  });

  it('sit in every region in equal numbers', () => {
    for (const region of USER_REGIONS)
      assert.equal(
        everybody.filter((user) => user.region === region).length,
        MAX_USERS / USER_REGIONS.length,
      );
  });

  it('are known by their own code alone', () => {
    const { username } = userOf(1);
    const code = accessCode('secret', username);
    assert.ok(isAccessCode('secret', username, code));
    for (const wrong of [
      '',
      `${code}x`,
      accessCode('other', username),
      accessCode('secret', userOf(2).username),
    ])
      assert.ok(!isAccessCode('secret', username, wrong));
  });
});
