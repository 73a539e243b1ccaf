/** What the vision service takes and answers over HTTP. The dashboard takes its types from here. Times are ISO 8601 in UTC. */
import { type Static, Type } from 'typebox';
import { ImageRecordSchema } from '../lib/image-record.ts';
import { Nullable } from '../lib/schema.ts';

const strict = { additionalProperties: false };
const MAX_IMAGES = 200;
const MAX_PEOPLE = 200;

export const ImageId = Type.String({ pattern: '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' });
const Time = Type.String({ minLength: 10, maxLength: 35, pattern: '^\\d{4}-\\d\\d-\\d\\d' });
const Name = Type.String({ minLength: 1, maxLength: 64 });
const Score = Type.Number({ minimum: 0, maximum: 100 });
/** true: at least one person in the photo wears it; false: at least one person lacks it. */
const Worn = Type.Optional(Type.Boolean());

const Filter = {
  site_id: Type.Optional(Name),
  device_type: Type.Optional(Name),
  camera: Type.Optional(Name),
  has_hard_hat: Worn,
  has_safety_vest: Worn,
  has_equipment: Worn,
  min_compliance: Type.Optional(Score),
  max_compliance: Type.Optional(Score),
  simulated: Type.Optional(Type.Boolean()),
  from: Type.Optional(Time),
  to: Type.Optional(Time),
};

export const ImagesQuery = Type.Object(
  {
    ...Filter,
    sort: Type.Union([Type.Literal('newest'), Type.Literal('violations')], {
      default: 'newest',
      description: 'violations: the lowest score first, then the newest; photos without people last',
    }),
    limit: Type.Integer({ minimum: 1, maximum: MAX_IMAGES, default: 50 }),
    offset: Type.Integer({ minimum: 0, maximum: 100_000, default: 0 }),
  },
  strict,
);
export type ImagesQuery = Static<typeof ImagesQuery>;

/** A record with what only this service answers. */
export const Image = Type.Object({
  ...ImageRecordSchema.properties,
  width: Type.Integer({ description: 'Of the photo as it is shown, in pixels' }),
  height: Type.Integer(),
  file_name: Type.String(),
  /** Counts changes from 1: a change names the version that it is made to. */
  version: Type.Integer(),
  detector: Type.String({ description: 'Which detector looked at it, with its version' }),
  described_by: Type.Union([Type.Literal('local'), Type.Literal('cohere')], {
    description: 'Who put the description into words',
  }),
  received_at: Type.String(),
  updated_at: Type.String(),
});
export type Image = Static<typeof Image>;

/** `total_images` and `avg_compliance` are of all that match, not of the page. */
export const ImagesBody = Type.Object({
  total_images: Type.Integer(),
  avg_compliance: Nullable(
    Type.Number({ description: '0 to 100, over photos with people; null: there is none' }),
  ),
  limit: Type.Integer(),
  offset: Type.Integer(),
  images: Type.Array(Image),
});
export type ImagesBody = Static<typeof ImagesBody>;

export const SummaryQuery = Type.Object(
  {
    site_id: Filter.site_id,
    device_type: Filter.device_type,
    simulated: Filter.simulated,
    from: Filter.from,
    to: Filter.to,
    points: Type.Integer({ minimum: 2, maximum: 200, default: 24, description: 'Of the trend, at most' }),
  },
  strict,
);
export type SummaryQuery = Static<typeof SummaryQuery>;

const Counts = Type.Object({ yes: Type.Integer(), no: Type.Integer(), unknown: Type.Integer() });
const Totals = {
  images: Type.Integer(),
  scored: Type.Integer({ description: 'Photos with people' }),
  people: Type.Integer(),
  avg_compliance: Nullable(Type.Number()),
  violations: Type.Integer({ description: 'Photos in which somebody lacks a hard hat or a vest' }),
  hard_hat: Counts,
  vest: Counts,
  equipment: Counts,
};
export const Group = Type.Object({ name: Type.String(), newest_at: Nullable(Type.String()), ...Totals });
export type Group = Static<typeof Group>;

/** How often people agreed with the detector where they looked: right = said - corrected. Only corrected or confirmed people count. */
const Precision = Type.Object({
  reviewed: Type.Integer(),
  right: Type.Integer(),
  precision: Nullable(Type.Number({ minimum: 0, maximum: 1 })),
});

export const SummaryBody = Type.Object({
  all: Type.Object(Totals),
  sites: Type.Array(Group),
  device_types: Type.Array(Group),
  /** Equal steps in time, oldest first; null: no photo with people in that step. */
  trend: Type.Object({
    from: Nullable(Type.String()),
    step_s: Type.Integer(),
    avg_compliance: Type.Array(Nullable(Type.Number())),
    images: Type.Array(Type.Integer()),
  }),
  detector: Type.Object({
    reviewed_images: Type.Integer(),
    hard_hat: Precision,
    vest: Precision,
    equipment: Precision,
    person: Precision,
  }),
});
export type SummaryBody = Static<typeof SummaryBody>;

export const WordsQuery = Type.Object(
  {
    site_id: Filter.site_id,
    device_type: Filter.device_type,
    from: Filter.from,
    to: Filter.to,
    limit: Type.Integer({ minimum: 1, maximum: 200, default: 60 }),
  },
  strict,
);
export type WordsQuery = Static<typeof WordsQuery>;
/** What the photos show, the most frequent first. */
export const WordsBody = Type.Object({
  images: Type.Integer({ description: 'Photos that were counted' }),
  words: Type.Array(Type.Object({ word: Type.String(), images: Type.Integer() })),
});
export type WordsBody = Static<typeof WordsBody>;

const Value = Type.Union([Type.Literal('yes'), Type.Literal('no'), Type.Literal('unknown')]);

/** PATCH /api/images/{id}: what a person sees better than the detector. What is left out stays as it is. */
export const OverrideBody = Type.Object(
  {
    version: Type.Integer({
      minimum: 1,
      description: 'Of the record that the person looked at; 409 when it has changed',
    }),
    by: Type.String({ minLength: 1, maxLength: 128, pattern: '\\S', description: 'Who' }),
    reason: Type.String({ minLength: 1, maxLength: 500, pattern: '\\S', description: 'Why' }),
    people: Type.Array(
      Type.Object(
        {
          index: Type.Integer({ minimum: 0, maximum: MAX_PEOPLE, description: 'In people, from 0' }),
          hard_hat: Type.Optional(Value),
          vest: Type.Optional(Value),
          equipment: Type.Optional(Value),
          is_person: Type.Optional(
            Type.Literal(false, { description: 'Nobody is there: the box is removed' }),
          ),
        },
        strict,
      ),
      { minItems: 1, maxItems: MAX_PEOPLE },
    ),
  },
  strict,
);
export type OverrideBody = Static<typeof OverrideBody>;

/** Every change by a person, the newest first. It is never changed or removed. */
export const OverridesBody = Type.Object({
  overrides: Type.Array(
    Type.Object({
      version: Type.Integer({ description: 'That it made' }),
      at: Type.String(),
      by: Type.String(),
      reason: Type.String(),
      changes: Type.Array(
        Type.Object({
          index: Type.Integer(),
          field: Type.Union([
            Type.Literal('hard_hat'),
            Type.Literal('vest'),
            Type.Literal('equipment'),
            Type.Literal('person'),
          ]),
          from: Value,
          to: Value,
        }),
      ),
      score_before: Nullable(Type.Number()),
      score_after: Nullable(Type.Number()),
    }),
  ),
});
export type OverridesBody = Static<typeof OverridesBody>;

/** POST /api/images: the body is the file. */
export const UploadQuery = Type.Object(
  {
    site_id: Name,
    device_type: Name,
    camera: Type.Optional(Name),
    name: Type.Optional(Type.String({ minLength: 1, maxLength: 255 })),
    taken_at: Type.Optional(Time),
    simulated: Type.Optional(Type.Boolean()),
  },
  strict,
);
export type UploadQuery = Static<typeof UploadQuery>;
export const UploadBody = Type.Object({
  image_id: Type.String(),
  added: Type.Boolean({ description: 'false: the same photo is there already' }),
  state: Type.Union([Type.Literal('waiting'), Type.Literal('done'), Type.Literal('failed')]),
});
export type UploadBody = Static<typeof UploadBody>;

/** GET /api/images/queue. */
export const QueueBody = Type.Object({
  waiting: Type.Integer({ description: 'Photos that nobody has looked at yet' }),
  limit: Type.Integer({ description: 'More are refused until some are done' }),
  store: Type.Union([Type.Literal('postgresql'), Type.Literal('mongodb')]),
  store_failure: Nullable(Type.String({ description: 'Why records cannot be stored now; null: they can' })),
  photos_per_s: Type.Number({ description: 'Over the last minute, in the region that answers' }),
  failed: Type.Array(
    Type.Object({
      image_id: Type.String(),
      file_name: Type.String(),
      site_id: Type.String(),
      failure: Type.String(),
      message: Type.String(),
      received_at: Type.String(),
    }),
    { description: 'The newest files that could not be looked at' },
  ),
});
export type QueueBody = Static<typeof QueueBody>;
