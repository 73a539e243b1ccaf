import assert from 'node:assert/strict';
import { test } from 'node:test';
import { tailState } from './tail-state.ts';

const VIEW = { wanted: true, paused: false, page: 1, openEnded: true, reading: false };

test('the newest entries follow by themselves', () => {
  assert.equal(tailState(VIEW), 'live');
});

test('nothing moves below the reader', () => {
  assert.equal(tailState({ ...VIEW, page: 2 }), 'paged');
  assert.equal(tailState({ ...VIEW, reading: true }), 'reading');
  assert.equal(tailState({ ...VIEW, paused: true }), 'paused');
});

test('the reason is the one that stays when the others go', () => {
  assert.equal(tailState({ ...VIEW, page: 2, openEnded: false, wanted: false }), 'paged');
  assert.equal(tailState({ ...VIEW, openEnded: false, wanted: false }), 'ended');
  assert.equal(tailState({ ...VIEW, wanted: false, paused: true, reading: true }), 'off');
});
