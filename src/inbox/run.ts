/** The inbox role: stands at the edge, where files of cameras arrive, and sends them through the front door. */
import { join } from 'node:path';
import { pause } from '../lib/clock.ts';
import { describeError } from '../lib/errors.ts';
import type { Lifecycle } from '../lib/lifecycle.ts';
import type { Log } from '../lib/log.ts';
import { createRegistry, serveMetrics } from '../lib/metrics.ts';
import { uploadPhoto } from '../lib/photo-upload.ts';
import { topology } from '../lib/topology.ts';
import type { InboxConfig } from './config.ts';
import { Inbox } from './inbox.ts';

const LOOK_MS = 2_000;
/** A failover takes a second; a service that is away longer is asked again at the next look. */
const SEND_WAIT_MS = 5_000;

export async function run(config: InboxConfig, lifecycle: Lifecycle, log: Log): Promise<void> {
  const { host, edge } = topology(config.portOffset);
  const dir = config.photosDir === '' ? join(config.dataDir, 'photos') : config.photosDir;
  const service = `http://${host}:${edge.vision}`;
  const inbox = new Inbox({ dir, send: (photo) => uploadPhoto(service, photo, SEND_WAIT_MS), log });
  await inbox.prepare();
  const { signal } = lifecycle;
  let failure: string | null = null;
  const work = (async () => {
    while (await pause(LOOK_MS, signal)) {
      try {
        await inbox.look();
        failure = null;
      } catch (error) {
        const why = describeError(error);
        if (why !== failure) log.warn({ failure: why }, 'photos stay in their folders');
        failure = why;
      }
    }
  })();
  lifecycle.onClose('inbox', () => work);
  await serveMetrics(lifecycle, createRegistry('inbox', 'edge'), host, edge.inbox, () => ({
    ok: true,
    body: { dir, failure },
  }));
  log.info({ dir }, 'folders are watched');
}
