import assert from 'node:assert/strict';
import { test } from 'node:test';
import { until } from '../../lib/eventually.ts';
import { createLog } from '../../lib/log.ts';
import { Random } from '../../lib/random.ts';
import { ReportPublisher } from './report-publisher.ts';
import { SiteServer } from './site-server.ts';

test('every report is confirmed once, whatever the queue refuses at first, and a long wait is worked off', async () => {
  const server = new SiteServer('WY-ALPHA', new Random(1));
  const sent = new Map<string, number>();
  const confirmed: string[] = [];
  const log = createLog('test', '');
  log.level = 'silent';
  const publisher = new ReportPublisher(
    async ({ message_id }) => {
      const attempt = (sent.get(message_id) ?? 0) + 1;
      sent.set(message_id, attempt);
      if (Number(message_id) % 10 === 0 && attempt === 1) throw new Error('no queue');
    },
    (messageId) => confirmed.push(messageId),
    log,
  );
  for (let id = 1; id <= 100; id++) publisher.offer(server.report(String(id), 0, [], 0));
  await until('all are confirmed', 10_000, () => {
    publisher.pump();
    return publisher.queue.waiting === 0;
  });
  assert.equal(new Set(confirmed).size, 100);
  assert.equal(confirmed.length, 100);
  assert.ok([...sent.values()].every((attempts) => attempts <= 2));
});
