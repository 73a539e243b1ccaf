import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import { Random } from '../../lib/random.ts';
import { parseUserEvent } from '../../lib/user-events.ts';
import { type Online, SiteServer } from './site-server.ts';

const online = (count: number): Online[] =>
  Array.from({ length: count }, (_, index) => ({
    status: index % 4 === 0 ? 'idle' : 'active',
    session: {
      session_id: randomUUID(),
      user_id: `USER-${index}`,
      username: `user.${index}`,
      region: 'APAC',
      ip_address: '198.18.0.1',
      login_time: '2026-11-25T00:00:00.000Z',
    },
  }));

test('a report is one that the queue’s reader accepts, and names everybody who is on', () => {
  const server = new SiteServer('WY-ALPHA', new Random(1));
  const report = server.report(randomUUID(), Date.UTC(2026, 10, 25), online(8), 3);
  assert.deepEqual(parseUserEvent(JSON.stringify(report)), report);
  assert.equal(report.active_users_list.length, 8);
  assert.equal(report.metrics.active_users, 6);
});

test('the average latency is that of the answers since the last report', () => {
  const server = new SiteServer('WY-ALPHA', new Random(1));
  const latency = (): number => server.report(randomUUID(), 0, [], 0).metrics.average_latency_ms;
  for (const tookMs of [10, 20, 60]) server.observe(tookMs);
  assert.deepEqual([latency(), latency()], [30, 0]);
});

test('the load follows the users and stays within what a server can have', () => {
  const server = new SiteServer('WY-ALPHA', new Random(1));
  const meanCpu = (count: number): number => {
    let sum = 0;
    for (let n = 0; n < 200; n++) {
      const { server_cpu_pct, server_memory_gb } = server.report('', 0, online(count), 0).metrics;
      assert.ok(server_cpu_pct >= 1 && server_cpu_pct <= 99 && server_memory_gb > 1);
      sum += server_cpu_pct;
    }
    return sum / 200;
  };
  assert.ok(meanCpu(100) > meanCpu(10) + 10);
  assert.ok(meanCpu(500) > 95);
});
