/** POST /api/images: a photo is acknowledged when it is stored in both regions; it is looked at afterwards. */
import { wallMs } from '../../lib/clock.ts';
import { safeFileName } from '../../lib/file-name.ts';
import { OGD_ALIAS } from '../../lib/fleet.ts';
import { type Api, takesFiles } from '../../lib/http-app.ts';
import { HttpError, invalidField } from '../../lib/http-errors.ts';
import { ErrorBody } from '../../lib/http-schemas.ts';
import type { VisionContext } from '../context.ts';
import { imageIdOf, looksLikePhoto } from '../image-id.ts';
import { addPhoto, countWaiting, readRegistry, readState } from '../photo-store.ts';
import { UploadBody, UploadQuery } from '../schemas.ts';

/** A camera whose clock is ahead by more is wrong. */
const MAX_AHEAD_MS = 300_000;
const REGISTRY_KEPT_MS = 60_000;
const QUEUE_RETRY_S = 30;

type Registry = Awaited<ReturnType<typeof readRegistry>>;

/** Throws HttpError that names the field. */
export function timeAsked(field: string, text: string | undefined): Date | null {
  if (text === undefined) return null;
  const ms = Date.parse(text);
  if (Number.isNaN(ms)) throw invalidField(field, `${field} is no time: 2026-11-25T12:00:00Z is`);
  return new Date(ms);
}

function takenAt(text: string | undefined, nowMs: number): Date {
  const at = timeAsked('taken_at', text) ?? new Date(nowMs);
  if (at.getTime() > nowMs + MAX_AHEAD_MS) throw invalidField('taken_at', 'taken_at is in the future');
  return at;
}

function checkPlace(
  { sites, deviceTypes }: Registry,
  query: UploadQuery,
): { siteId: string; deviceType: string } {
  const { site_id: siteId, device_type: asked } = query;
  const deviceType = asked === OGD_ALIAS.type ? 'ogd' : asked;
  if (!sites.includes(siteId)) {
    throw invalidField('site_id', `${siteId} is no site: ${sites.join(', ')} are`);
  }
  if (!deviceTypes.includes(deviceType)) {
    throw invalidField('device_type', `${asked} is no type of device: ${deviceTypes.join(', ')} are`);
  }
  return { siteId, deviceType };
}

function checkFile(content: unknown, fileName: string): Buffer {
  if (!Buffer.isBuffer(content) || content.length === 0) {
    throw new HttpError(400, { error: 'empty', message: `${fileName} is empty: the body is the file` });
  }
  if (looksLikePhoto(content)) return content;
  const message = `${fileName} is no photo, whatever it is called: JPEG, PNG, WebP, GIF, TIFF and AVIF are`;
  throw new HttpError(415, { error: 'unsupported_media_type', message });
}

export async function uploadRoute(app: Api, context: VisionContext): Promise<void> {
  const { leader, analyser, limits } = context;
  let registry: { readonly known: Registry; readonly atMs: number } | null = null;
  const places = async (): Promise<Registry> => {
    const nowMs = wallMs();
    if (registry === null || nowMs - registry.atMs > REGISTRY_KEPT_MS) {
      registry = { known: await readRegistry(leader), atMs: nowMs };
    }
    return registry.known;
  };
  const refuseWhenFull = async (): Promise<void> => {
    const waiting = await countWaiting(leader);
    if (waiting < limits.maxWaiting) return;
    const why = analyser.storeFailure === null ? '' : ` (${analyser.storeFailure})`;
    const message = `${waiting} photos wait to be looked at already${why}; send this one again later`;
    throw new HttpError(503, { error: 'queue_full', message, retry_after_s: QUEUE_RETRY_S });
  };
  const route = (scoped: Api): void => {
    scoped.post(
      '/api/images',
      {
        bodyLimit: limits.maxFileBytes,
        schema: {
          tags: ['images'],
          summary: 'Add a photo: the body is the file. The same file twice is one photo',
          querystring: UploadQuery,
          response: {
            200: UploadBody,
            202: UploadBody,
            400: ErrorBody,
            413: ErrorBody,
            415: ErrorBody,
            503: ErrorBody,
          },
        },
      },
      async ({ query, body }, reply) => {
        const place = checkPlace(await places(), query);
        const fileName = safeFileName(query.name ?? 'photo');
        if (fileName === null) throw invalidField('name', 'name is no name of a file');
        const content = checkFile(body, fileName);
        const imageId = imageIdOf(content);
        const known = await readState(leader, imageId);
        if (known === null) await refuseWhenFull();
        const nowMs = wallMs();
        const photo = {
          imageId,
          ...place,
          camera: query.camera ?? `${place.siteId}-upload`,
          fileName,
          simulated: query.simulated ?? false,
          takenAt: takenAt(query.taken_at, nowMs),
          receivedAt: new Date(nowMs),
        };
        const { added, state } = await addPhoto(leader, photo, content);
        if (state === 'waiting') analyser.hurry();
        return reply.code(added ? 202 : 200).send({ image_id: imageId, added, state });
      },
    );
  };
  await takesFiles(app, route);
}
