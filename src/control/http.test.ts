import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseDrillRequest } from './http.ts';

test('a drill gets its defaults', () => {
  assert.deepEqual(parseDrillRequest({ fault: 'kill' }), {
    fault: 'kill',
    target: 'leader',
    repeat: 1,
    writes_per_s: 200,
    freeze_s: 5,
  });
});

test('a request that is no drill is refused, and the field that is wrong is named', () => {
  const bad: readonly [body: unknown, field: string][] = [
    [{}, 'fault'],
    [{ fault: 'burn' }, 'fault'],
    [{ fault: 'kill', target: 'region9' }, 'target'],
    [{ fault: 'kill', repeat: 0 }, 'repeat'],
    [{ fault: 'kill', colour: 'red' }, 'colour'],
  ];
  for (const [body, field] of bad) {
    const answer = parseDrillRequest(body);
    assert.ok('status' in answer && answer.status === 400, JSON.stringify(answer));
    assert.ok(answer.body !== null && 'field' in answer.body, JSON.stringify(answer));
    assert.equal(answer.body.field, field);
  }
});
