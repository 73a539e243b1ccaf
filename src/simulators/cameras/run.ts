/**
 * The camera simulator: one camera per site takes a picture of a drawn scene now and then, and sends it through the
 * front door as any camera would, marked as simulated. The first round comes at once, so that a fresh system shows some.
 */
import { pause, wallMs } from '../../lib/clock.ts';
import { describeError } from '../../lib/errors.ts';
import { DEVICE_TYPES, SITES } from '../../lib/fleet.ts';
import type { Lifecycle } from '../../lib/lifecycle.ts';
import type { Log } from '../../lib/log.ts';
import { Counter, createRegistry, serveMetrics } from '../../lib/metrics.ts';
import { uploadPhoto } from '../../lib/photo-upload.ts';
import { Random } from '../../lib/random.ts';
import { topology } from '../../lib/topology.ts';
import type { CamerasConfig } from './config.ts';
import { makeScene, renderScene } from './scene.ts';

/** A camera keeps a picture for this long while nobody takes it. */
const SEND_WAIT_MS = 30_000;
/** The first round: a picture a second, after the more urgent has started. */
const FIRST_ROUND_MS = 1_000;

export async function run(config: CamerasConfig, lifecycle: Lifecycle, log: Log): Promise<void> {
  const { host, edge, simulator } = topology(config.portOffset);
  const service = `http://${host}:${edge.vision}`;
  const registry = createRegistry('cameras', 'simulators');
  const sent = new Counter({
    name: 'tier0_simulated_photos_total',
    help: 'Photos of simulated cameras by what became of them',
    labelNames: ['outcome'],
    registers: [registry],
  });
  // Two runs must not take the same pictures: the same photo twice is one.
  const random = new Random((config.seed + wallMs()) >>> 0);
  const { signal } = lifecycle;
  const take = async (round: number, index: number): Promise<void> => {
    const site = SITES[index];
    const type = DEVICE_TYPES[(round + index) % DEVICE_TYPES.length];
    if (site === undefined || type === undefined) return;
    const camera = `${site.id}-cam-${(round % 4) + 1}`;
    const takenAt = new Date(wallMs()).toISOString();
    try {
      const content = await renderScene(makeScene(random.uint32(), site.id, type.type, camera));
      const photo = { siteId: site.id, deviceType: type.type, fileName: `${camera}-${takenAt}.jpg` };
      await uploadPhoto(service, { ...photo, content, takenAt, camera, simulated: true }, SEND_WAIT_MS);
      sent.inc({ outcome: 'sent' });
    } catch (error) {
      sent.inc({ outcome: 'dropped' });
      if (!signal.aborted)
        log.warn({ failure: describeError(error), camera }, 'a simulated photo is dropped');
    }
  };
  const work = (async () => {
    for (let round = 0; ; round++) {
      const gapMs = round === 0 ? FIRST_ROUND_MS : (config.cameraIntervalS * 1_000) / SITES.length;
      for (let index = 0; index < SITES.length; index++) {
        if (!(await pause(gapMs, signal))) return;
        await take(round, index);
      }
    }
  })();
  lifecycle.onClose('cameras', () => work);
  await serveMetrics(lifecycle, registry, host, simulator.cameras, () => ({ ok: true, body: {} }));
  log.info({ sites: SITES.length, everyS: config.cameraIntervalS }, 'cameras are being simulated');
}
