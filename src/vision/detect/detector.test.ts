import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import pino from 'pino';
import sharp from 'sharp';
import { sleep } from '../../lib/clock.ts';
import { Detector } from './detector.ts';

const LOOKS = 3;
const never = new AbortController().signal;

describe('a detector', () => {
  test('that is stopped or closed while it looks ends its thread, not the process, and can look again', async () => {
    const photo = await sharp({ create: { width: 800, height: 600, channels: 3, background: '#888' } })
      .jpeg()
      .toBuffer();
    const detector = new Detector(pino({ level: 'silent' }));
    for (let look = 0; look < LOOKS; look++) {
      await detector.look(photo, never);
      const stop = new AbortController();
      const stopped = assert.rejects(detector.look(photo, stop.signal), /enough/);
      // The thread is within the first network by then.
      await sleep(20 + 10 * look);
      stop.abort(new Error('enough'));
      await stopped;
      await detector.close();
    }
    const { analysis } = await detector.look(photo, never);
    assert.deepEqual(analysis.people, []);
    await detector.close();
  });
});
