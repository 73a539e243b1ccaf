import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EventReader } from './event-reader.ts';

const STREAM =
  'retry: 1000\n\nevent: route\ndata: {"a":1}\n\n: keep-alive\n\nevent: delta\ndata: {"text":"x"}\n\n';

test('events are read wherever the pieces of a response end', () => {
  for (let size = 1; size <= STREAM.length; size++) {
    const reader = new EventReader();
    const events = [];
    for (let at = 0; at < STREAM.length; at += size) events.push(...reader.take(STREAM.slice(at, at + size)));
    assert.deepEqual(
      events,
      [
        { name: 'route', data: '{"a":1}' },
        { name: 'delta', data: '{"text":"x"}' },
      ],
      `pieces of ${size}`,
    );
  }
});

test('an event that is not complete is kept back', () => {
  const reader = new EventReader();
  assert.deepEqual(reader.take('event: answer\ndata: {"answer"'), []);
  assert.deepEqual(reader.take(':1}\n\n'), [{ name: 'answer', data: '{"answer":1}' }]);
});
