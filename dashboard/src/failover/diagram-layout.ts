/** Where the three members and their links stand, in pixels, for the width there is. Text keeps its size. */

export type Box = { readonly x: number; readonly y: number; readonly width: number; readonly height: number };
export type Point = { readonly x: number; readonly y: number };
type Line = { readonly a: Point; readonly b: Point };

export type DiagramLayout = {
  readonly width: number;
  readonly height: number;
  /** The regions stand above each other. */
  readonly upright: boolean;
  readonly region1: Box;
  readonly region2: Box;
  readonly witness: Box;
  /** From region1 to region2. */
  readonly replication: Line;
  /** From the witness to each region: corners of a path, and where its label stands. */
  readonly votes: Readonly<
    Record<'region1' | 'region2', { readonly path: readonly Point[]; readonly label: Point }>
  >;
};

export const ROW_PX = 19;
export const HEAD_PX = 36;
const FOOT_PX = 8;
/** Rows of a region: PostgreSQL, WAL, gate, Redis, processes, canary, heartbeat, doing. */
const REGION_ROWS = 8;
const WITNESS_ROWS = 2;
const REGION_PX = HEAD_PX + REGION_ROWS * ROW_PX + FOOT_PX;
const WITNESS_PX = HEAD_PX + WITNESS_ROWS * ROW_PX + FOOT_PX;
/** Below this the regions cannot stand beside each other. */
const UPRIGHT_BELOW_PX = 700;

function wide(width: number): DiagramLayout {
  const card = Math.min(330, Math.max(240, Math.round(width * 0.31)));
  const gap = width - 2 * card;
  const witness_px = Math.min(210, gap - 80);
  const region1 = { x: 1, y: 1, width: card - 2, height: REGION_PX };
  const region2 = { ...region1, x: width - card + 1 };
  const witness = {
    x: Math.round((width - witness_px) / 2),
    y: 1 + REGION_PX - WITNESS_PX,
    width: witness_px,
    height: WITNESS_PX,
  };
  const inner = { left: region1.x + region1.width, right: region2.x };
  const arrow_y = 52;
  const vote_y = witness.y + WITNESS_PX / 2;
  const votes = {
    region1: {
      path: [
        { x: witness.x, y: vote_y },
        { x: inner.left, y: vote_y },
      ],
      label: { x: (witness.x + inner.left) / 2, y: vote_y - 7 },
    },
    region2: {
      path: [
        { x: witness.x + witness_px, y: vote_y },
        { x: inner.right, y: vote_y },
      ],
      label: { x: (witness.x + witness_px + inner.right) / 2, y: vote_y - 7 },
    },
  };
  const replication = { a: { x: inner.left + 6, y: arrow_y }, b: { x: inner.right - 6, y: arrow_y } };
  return { width, height: REGION_PX + 2, upright: false, region1, region2, witness, replication, votes };
}

function upright(width: number): DiagramLayout {
  const rail = 46;
  const between = 92;
  const card = width - rail;
  const region1 = { x: 1, y: 1, width: card - 2, height: REGION_PX };
  const region2 = { ...region1, y: region1.y + REGION_PX + between };
  const witness = { ...region1, y: region2.y + REGION_PX + 44, height: WITNESS_PX };
  const edge = region1.x + region1.width;
  const rail_x = edge + 24;
  const votes = {
    region1: {
      path: [
        { x: edge, y: witness.y + WITNESS_PX / 2 },
        { x: rail_x, y: witness.y + WITNESS_PX / 2 },
        { x: rail_x, y: region1.y + 60 },
        { x: edge, y: region1.y + 60 },
      ],
      label: { x: rail_x - 2, y: region1.y + 46 },
    },
    region2: {
      path: [
        { x: card / 2, y: witness.y },
        { x: card / 2, y: region2.y + REGION_PX },
      ],
      label: { x: card / 2 + 34, y: witness.y - 18 },
    },
  };
  const arrow_x = 40;
  const replication = {
    a: { x: arrow_x, y: region1.y + REGION_PX + 6 },
    b: { x: arrow_x, y: region2.y - 6 },
  };
  const height = witness.y + WITNESS_PX + 1;
  return { width, height, upright: true, region1, region2, witness, replication, votes };
}

export function diagramLayout(width: number): DiagramLayout {
  return width < UPRIGHT_BELOW_PX ? upright(width) : wide(width);
}
