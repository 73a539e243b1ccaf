/** What is looked for: of the 80 classes of COCO these, by their places from 0. */

export const PERSON = 0;

/**
 * Whoever crouches in working clothes may be taken for one: bird, cat, dog, horse, sheep, cow, elephant, bear, zebra,
 * giraffe.
 */
export const ANIMALS: readonly number[] = [14, 15, 16, 17, 18, 19, 20, 21, 22, 23];

/** What tablets and clipboards are taken for: laptop, remote, keyboard, cell phone, book. */
export const HELD: readonly number[] = [63, 65, 66, 67, 73];

/** What a site has and what can be told from machines. */
export const THINGS: ReadonlyMap<number, string> = new Map([
  [1, 'bicycle'],
  [2, 'car'],
  [5, 'bus'],
  [6, 'train'],
  [7, 'truck'],
  [8, 'boat'],
  [24, 'backpack'],
  [62, 'screen'],
  [63, 'laptop'],
]);

export const LABELS: readonly number[] = [...new Set([PERSON, ...ANIMALS, ...HELD, ...THINGS.keys()])];
