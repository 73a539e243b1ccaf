/** One photo: its record, its pictures, and what people corrected. */
import { Type } from 'typebox';
import { wallMs } from '../../lib/clock.ts';
import { OperatingError } from '../../lib/errors.ts';
import type { Api } from '../../lib/http-app.ts';
import { notFound } from '../../lib/http-errors.ts';
import { ErrorBody, INERT } from '../../lib/http-schemas.ts';
import type { VisionContext } from '../context.ts';
import { isRepeated, override } from '../override.ts';
import { type PictureKind, readPicture } from '../photo-store.ts';
import { present, type StoredImage } from '../records/record.ts';
import { Image, ImageId, OverrideBody, OverridesBody } from '../schemas.ts';

const Params = Type.Object({ image_id: ImageId });
const NoQuery = Type.Object({}, { additionalProperties: false });
const Picture = Type.Unsafe<Buffer>({ type: 'string', format: 'binary' });
const tags = ['images'];
const errors = { 400: ErrorBody, 404: ErrorBody, 503: ErrorBody };
const schema = { tags, params: Params, querystring: NoQuery };

/** A picture of an id never changes. */
const FOREVER = 'private, max-age=31536000, immutable';

export function imageRoutes(app: Api, context: VisionContext): void {
  const { records, leader } = context;
  const recordOf = async (imageId: string): Promise<StoredImage> => {
    const record = await records.read(imageId);
    if (record === null) throw notFound('there is no such photo, or nobody has looked at it yet');
    return record;
  };
  app.get(
    '/api/images/:image_id',
    { schema: { ...schema, summary: 'One photo and who is in it', response: { 200: Image, ...errors } } },
    async ({ params }) => present(await recordOf(params.image_id)),
  );
  app.get(
    '/api/images/:image_id/overrides',
    {
      schema: {
        ...schema,
        summary: 'What people corrected: who, when, why, from what to what',
        response: { 200: OverridesBody, ...errors },
      },
    },
    async ({ params }) => ({ overrides: (await recordOf(params.image_id)).overrides }),
  );
  app.patch(
    '/api/images/:image_id',
    {
      schema: {
        ...schema,
        summary: 'Correct what the detector said; the score follows',
        body: OverrideBody,
        response: { 200: Image, ...errors, 409: ErrorBody },
      },
    },
    async ({ params, body }) => {
      const record = await recordOf(params.image_id);
      // The front door sends a request again when its answer was lost.
      if (isRepeated(record, body)) return present(record);
      const next = override(record, body, new Date(wallMs()).toISOString());
      if (await records.replace(next, record.version)) return present(next);
      const message = 'somebody changed the record at the same moment';
      throw new OperatingError('conflict', message, message);
    },
  );
  const picture = (path: string, kind: PictureKind, summary: string): void => {
    app.get(
      `/api/images/:image_id/${path}`,
      { schema: { ...schema, summary, response: { 200: Picture, ...errors } } },
      async ({ params }, reply) => {
        const content = await readPicture(leader, params.image_id, kind);
        if (content === null) throw notFound('there is no such photo, or nobody has looked at it yet');
        const attached = { 'content-disposition': 'attachment', 'content-type': 'application/octet-stream' };
        const shown = { 'content-type': 'image/jpeg' };
        return reply
          .headers({ ...INERT, 'cache-control': FOREVER, ...(kind === 'original' ? attached : shown) })
          .send(content);
      },
    );
  };
  picture('photo', 'shown', 'The photo as boxes are drawn over it: upright, 1600 pixels at most, JPEG');
  picture('thumbnail', 'thumbnail', 'The photo in 320 pixels at most, JPEG');
  picture('original', 'original', 'The file as it came; of simulated photos it is not kept');
}
