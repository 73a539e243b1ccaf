import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseCluster } from './rest.ts';

const member = (name: string, role: string, state = 'running') => ({
  name,
  role,
  state,
  api_url: 'http://127.0.0.1:17002/patroni',
  host: '127.0.0.1',
  port: 17001,
  timeline: 3,
  lag: 0,
});

test('the leader and its synchronous standby are found by role', () => {
  const body = { members: [member('node1', 'sync_standby'), member('node2', 'leader')] };
  assert.deepEqual(parseCluster(body), { leader: 'node2', sync: 'node1' });
});

test('newer versions call a standby that streams so', () => {
  const body = { members: [member('node1', 'leader'), member('node2', 'sync_standby', 'streaming')] };
  assert.deepEqual(parseCluster(body), { leader: 'node1', sync: 'node2' });
});

test('a member that does not run, and a standby that commits do not wait for, do not count', () => {
  const body = { members: [member('node1', 'leader', 'starting'), member('node2', 'replica')] };
  assert.deepEqual(parseCluster(body), { leader: null, sync: null });
  assert.deepEqual(parseCluster({ members: [] }), { leader: null, sync: null });
});

test('another form is an error, not an empty cluster', () => {
  assert.throws(() => parseCluster({ message: 'no such cluster' }));
  assert.throws(() => parseCluster({ members: [{ name: 'node1' }] }));
});
