/** GET /api/images and what is counted over it. */
import { type Static, Type } from 'typebox';
import { OGD_ALIAS } from '../../lib/fleet.ts';
import type { Api } from '../../lib/http-app.ts';
import { ErrorBody } from '../../lib/http-schemas.ts';
import type { VisionContext } from '../context.ts';
import { countWaiting, listFailed } from '../photo-store.ts';
import { present } from '../records/record.ts';
import type { RecordFilter } from '../records/store.ts';
import {
  ImagesBody,
  ImagesQuery,
  QueueBody,
  SummaryBody,
  SummaryQuery,
  WordsBody,
  WordsQuery,
} from '../schemas.ts';
import { summary, words } from '../summary.ts';
import { timeAsked } from './upload.ts';

/** The newest that are counted: a year of a site with a photo a quarter of an hour. */
const MAX_COUNTED = 50_000;
const FAILED_SHOWN = 20;
const tags = ['images'];
const errors = { 400: ErrorBody, 503: ErrorBody };

type Asked = Partial<Static<typeof ImagesQuery>>;

function filterOf(query: Asked): RecordFilter {
  const optional = <Key extends keyof RecordFilter>(key: Key, value: RecordFilter[Key] | undefined) =>
    value === undefined ? {} : { [key]: value };
  const type = query.device_type === OGD_ALIAS.type ? 'ogd' : query.device_type;
  return {
    ...optional('siteId', query.site_id),
    ...optional('deviceType', type),
    ...optional('camera', query.camera),
    ...optional('hardHat', query.has_hard_hat),
    ...optional('vest', query.has_safety_vest),
    ...optional('equipment', query.has_equipment),
    ...optional('minScore', query.min_compliance),
    ...optional('maxScore', query.max_compliance),
    ...optional('simulated', query.simulated),
    ...optional('from', timeAsked('from', query.from)?.toISOString()),
    ...optional('to', timeAsked('to', query.to)?.toISOString()),
  };
}

const score = (value: number | null): number | null => (value === null ? null : Math.round(value * 10) / 10);

export function imagesRoutes(app: Api, context: VisionContext): void {
  const { records, leader, analyser, limits } = context;
  app.get(
    '/api/images',
    {
      schema: {
        tags,
        summary: 'What cameras saw: photos with their people, what they wear, and scores',
        querystring: ImagesQuery,
        response: { 200: ImagesBody, ...errors },
      },
    },
    async ({ query }) => {
      const { sort, limit, offset } = query;
      const { total, average, images } = await records.list(filterOf(query), sort, limit, offset);
      return {
        total_images: total,
        avg_compliance: score(average),
        limit,
        offset,
        images: images.map(present),
      };
    },
  );
  app.get(
    '/api/images/summary',
    {
      schema: {
        tags,
        summary: 'Scores by site and by type of device, their course, and how right the detector is',
        querystring: SummaryQuery,
        response: { 200: SummaryBody, ...errors },
      },
    },
    async ({ query }) => summary(await records.figures(filterOf(query), MAX_COUNTED), query.points),
  );
  app.get(
    '/api/images/words',
    {
      schema: {
        tags,
        summary: 'Words for what the photos show, the most frequent first',
        querystring: WordsQuery,
        response: { 200: WordsBody, ...errors },
      },
    },
    async ({ query }) => {
      const keywords = await records.keywords(filterOf(query), MAX_COUNTED);
      return { images: keywords.length, words: words(keywords, query.limit) };
    },
  );
  app.get(
    '/api/images/queue',
    {
      schema: {
        tags,
        summary: 'Photos that wait, and files that could not be looked at',
        querystring: Type.Object({}, { additionalProperties: false }),
        response: { 200: QueueBody, ...errors },
      },
    },
    async () => {
      const failed = await listFailed(leader, FAILED_SHOWN);
      return {
        waiting: await countWaiting(leader),
        limit: limits.maxWaiting,
        store: records.kind,
        store_failure: analyser.storeFailure,
        photos_per_s: analyser.photosPerS,
        failed: failed.map((one) => ({ ...one, received_at: one.received_at.toISOString() })),
      };
    },
  );
}
