import assert from 'node:assert/strict';
import { it } from 'node:test';
import { planFill } from './live-filler.ts';

const running = {
  cache: 'complete',
  sinceKnownMs: 60_000,
  firstDone: true,
  missed: false,
  sinceFillMs: 60_000,
} as const;

it('asks PostgreSQL at start for what Redis does not know, once Redis has spoken or is too slow', () => {
  const start = { ...running, firstDone: false, sinceKnownMs: 100 };
  assert.equal(planFill({ ...start, cache: 'connecting' }), 'none');
  assert.equal(planFill({ ...start, cache: 'complete' }), 'unreported');
  assert.equal(planFill({ ...start, cache: 'away' }), 'unreported');
  assert.equal(planFill({ ...start, cache: 'connecting', sinceKnownMs: 3_001 }), 'unreported');
});

it('fills everything after the feed was cut, but rests between two fills', () => {
  assert.equal(planFill(running), 'none');
  assert.equal(planFill({ ...running, cache: 'lossy' }), 'none');
  assert.equal(planFill({ ...running, missed: true }), 'all');
  assert.equal(planFill({ ...running, missed: true, sinceFillMs: 4_999 }), 'none');
  assert.equal(planFill({ ...running, missed: true, sinceFillMs: 5_000 }), 'all');
});

it('asks PostgreSQL for nothing while Redis is telling what it knows', () => {
  assert.equal(planFill({ ...running, cache: 'loading', firstDone: false }), 'none');
  assert.equal(planFill({ ...running, cache: 'loading', missed: true }), 'none');
});
