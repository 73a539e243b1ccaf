/** The answers of the vision service that this page understands. */

import type { Static } from 'typebox';
import type {
  Image,
  ImagesBody,
  OverridesBody,
  QueueBody,
  SummaryBody,
  UploadBody,
  WordsBody,
} from '../../../src/vision/schemas.ts';
import { outline } from '../live/shapes.ts';

export type Photo = Static<typeof Image>;
export type Person = Photo['people'][number];

export const isImages = outline<ImagesBody>({ total_images: 'number', images: 'array' });
export const isPhoto = outline<Photo>({ image_id: 'string', people: 'array', version: 'number' });
export const isSummary = outline<SummaryBody>({
  all: 'object',
  sites: 'array',
  device_types: 'array',
  trend: 'object',
  detector: 'object',
});
export const isWords = outline<WordsBody>({ images: 'number', words: 'array' });
export const isQueue = outline<QueueBody>({ waiting: 'number', failed: 'array' });
export const isOverrides = outline<OverridesBody>({ overrides: 'array' });
export const isUploaded = outline<UploadBody>({ image_id: 'string', added: 'boolean', state: 'string' });
