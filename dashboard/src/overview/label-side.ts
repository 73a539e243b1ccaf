/** A site's place as fractions of the map's width and height. */
export type MapPoint = { readonly x: number; readonly y: number };

/** Room that a label takes to the right of its mark, and half its height, as fractions of the map. */
const LABEL_WIDTH = 0.14;
const LABEL_HALF_HEIGHT = 0.05;

/** The side on which a label hides no other mark: right, or left where another mark stands in its way. */
export function labelSide(point: MapPoint, all: readonly MapPoint[]): 'left' | 'right' {
  const blocked = all.some((other) => {
    const dx = other.x - point.x;
    return dx > 0 && dx < LABEL_WIDTH && Math.abs(other.y - point.y) < LABEL_HALF_HEIGHT;
  });
  return blocked || point.x > 1 - LABEL_WIDTH ? 'left' : 'right';
}
