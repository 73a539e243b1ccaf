/** How large a word of the cloud is. Pure. */

const SMALLEST_PX = 13;
const LARGEST_PX = 34;

/** By the root of its count, so that the area says how often; in alphabetical order, as one looks for a word. */
export function wordSizes(words: readonly { word: string; images: number }[]) {
  const most = Math.max(1, ...words.map(({ images }) => images));
  return words
    .map(({ word, images }) => ({
      word,
      images,
      size_px: Math.round(SMALLEST_PX + (LARGEST_PX - SMALLEST_PX) * Math.sqrt(images / most)),
    }))
    .sort((a, b) => a.word.localeCompare(b.word));
}
