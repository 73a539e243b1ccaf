/** Everything the Camera Intelligence page asks for. */
import { useAnswer } from '../live/use-answer.ts';
import { apiQuery, type CameraQuery, summaryQuery, wordsQuery } from './camera-query.ts';
import { isImages, isOverrides, isPhoto, isQueue, isSummary, isWords } from './camera-shapes.ts';

const PERIOD_MS = 5_000;
const SLOW_MS = 15_000;

const withQuery = (path: string, query: string): string => (query === '' ? path : `${path}?${query}`);

export const useImages = (query: CameraQuery) =>
  useAnswer(() => `/api/images?${apiQuery(query)}`, isImages, PERIOD_MS);

export const useSummary = (query: CameraQuery) =>
  useAnswer(() => withQuery('/api/images/summary', summaryQuery(query)), isSummary, SLOW_MS);

export const useWords = (query: CameraQuery) =>
  useAnswer(() => `/api/images/words?${wordsQuery(query)}`, isWords, SLOW_MS);

export const useQueue = () => useAnswer(() => '/api/images/queue', isQueue, PERIOD_MS);

export const usePhoto = (imageId: string) => useAnswer(() => `/api/images/${imageId}`, isPhoto, SLOW_MS);

export const useOverrides = (imageId: string) =>
  useAnswer(() => `/api/images/${imageId}/overrides`, isOverrides, SLOW_MS);
