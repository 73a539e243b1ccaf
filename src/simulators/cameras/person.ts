/**
 * A worker as SVG, in a frame of his own: 100 units high, feet at y = 0, head up at negative y, the middle at x = 0.
 * Proportions of a grown-up (the head is 1/7.5 of the height), round limbs with light from the upper left. Pure.
 */
import type { Random } from '../../lib/random.ts';

export type Look = {
  readonly skin: string;
  readonly hair: string;
  readonly shirt: string;
  readonly trousers: string;
  readonly hat: string | null;
  readonly vest: 'yellow' | 'orange' | null;
  readonly tablet: boolean;
  /** Share of the usual width, 0.9 to 1.15. */
  readonly build: number;
  /** How far a foot is before the other, -1 to 1. */
  readonly step: number;
};

const SKINS = ['#e8b998', '#d9a07c', '#c68863', '#a56a45', '#7d4b2e', '#5b3723'] as const;
const HAIRS = ['#1d1714', '#2e2119', '#46301f', '#5d4127', '#3a3a3a'] as const;
const SHIRTS = ['#2c3e5c', '#1f3350', '#49566b', '#5c4a3a', '#3d4a3c', '#6b7280', '#243042'] as const;
const TROUSERS = ['#23314a', '#2b2f36', '#3b4658', '#4a4034', '#1e2733'] as const;
const HATS = ['#f4f4f0', '#f2c230', '#f5f5f2', '#e8641e', '#c8242b', '#1d5fb4', '#f0b81f'] as const;

const HAT_SHARE = 0.88;
const VEST_SHARE = 0.82;
const TABLET_SHARE = 0.3;

export function personLook(random: Random): Look {
  const one = <T>(list: readonly [T, ...T[]]): T => list[Math.floor(random.float() * list.length)] ?? list[0];
  return {
    skin: one(SKINS),
    hair: one(HAIRS),
    shirt: one(SHIRTS),
    trousers: one(TROUSERS),
    hat: random.float() < HAT_SHARE ? one(HATS) : null,
    vest: random.float() < VEST_SHARE ? (random.float() < 0.65 ? 'yellow' : 'orange') : null,
    tablet: random.float() < TABLET_SHARE,
    build: 0.92 + random.float() * 0.2,
    step: random.float() * 2 - 1,
  };
}

/** `amount` -1 (black) to 1 (white). */
function shade(colour: string, amount: number): string {
  const part = (at: number): string => {
    const value = Number.parseInt(colour.slice(at, at + 2), 16);
    const next = amount < 0 ? value * (1 + amount) : value + (255 - value) * amount;
    return Math.round(next).toString(16).padStart(2, '0');
  };
  return `#${part(1)}${part(3)}${part(5)}`;
}

function across(id: string, colour: string): string {
  return `<linearGradient id="${id}" x1="0" y1="0" x2="1" y2="0.15"><stop offset="0" stop-color="${shade(colour, 0.12)}"/><stop offset="0.4" stop-color="${colour}"/><stop offset="1" stop-color="${shade(colour, -0.45)}"/></linearGradient>`;
}

const path = (d: string, fill: string, more = ''): string => `<path d="${d}" fill="${fill}" ${more}/>`;

function legs(id: string, step: number): string {
  const left = -4.4 - step * 1.5;
  const right = 4.4 + step * 1.5;
  const leg = (hip: number, foot: number, side: number): string =>
    path(
      `M ${hip - 4.6} -50 C ${hip - 5.6} -36, ${foot - 4.4} -26, ${foot - 3.2} -4 L ${foot + 3.2} -4 C ${foot + 3.8} -24, ${hip + 5} -36, ${hip + 4.8} -50 Z`,
      `url(#${id}-trousers)`,
    ) +
    path(
      `M ${foot - 3.4} -5 L ${foot + 3.4} -5 L ${foot + 3.6 + side} -1.2 Q ${foot + 3 + side} 0 ${foot} 0 L ${foot - 3.6 + side} 0 Q ${foot - 4.4 + side} -1.5 ${foot - 3.4} -5 Z`,
      '#1c1917',
    ) +
    path(
      `M ${hip} -46 C ${hip - 1} -34, ${foot + 1} -22, ${foot + 0.6} -6`,
      'none',
      'stroke="#000" stroke-opacity="0.18" stroke-width="0.9"',
    );
  return leg(-4, left, -1) + leg(4, right, 1);
}

function trunk(id: string): string {
  return (
    path(
      'M -9.6 -81 C -13 -79.5, -12.2 -66, -9.8 -49 L 9.8 -49 C 12.2 -66, 13 -79.5, 9.6 -81 C 5 -83.4, -5 -83.4, -9.6 -81 Z',
      `url(#${id}-shirt)`,
    ) +
    path('M -9.8 -51.6 L 9.8 -51.6 L 9.8 -49 L -9.8 -49 Z', '#171513') +
    path('M -2.6 -82 L 0 -77 L 2.6 -82 Z', shade('#888888', -0.2), 'fill-opacity="0.5"')
  );
}

const VESTS = { yellow: '#cfe612', orange: '#ff6a13' } as const;

function vest(id: string, colour: keyof typeof VESTS): string {
  const stripe = (d: string): string => path(d, 'none', 'stroke="#d7dadd" stroke-width="2.1"');
  return (
    path(
      'M -8.8 -81.6 C -12 -76, -11.8 -64, -10.4 -51 L 10.4 -51 C 11.8 -64, 12 -76, 8.8 -81.6 L 4.4 -82.4 C 3.6 -76, 1.4 -73, 0 -72 C -1.4 -73, -3.6 -76, -4.4 -82.4 Z',
      `url(#${id}-vest)`,
    ) +
    stripe('M -10.9 -62.5 L 10.9 -62.5') +
    stripe('M -10.6 -56 L 10.6 -56') +
    stripe('M -7 -81.4 C -7.6 -75, -7.4 -70, -7.2 -63') +
    stripe('M 7 -81.4 C 7.6 -75, 7.4 -70, 7.2 -63') +
    path('M 0 -72 L 0 -51', 'none', `stroke="${shade(VESTS[colour], -0.5)}" stroke-width="0.6"`) +
    path('M 3 -81 C 11 -78, 11 -62, 10.2 -51 L 6 -51 C 8 -64, 7 -76, 3 -81 Z', '#000', 'fill-opacity="0.14"')
  );
}

function limb(points: readonly (readonly [number, number])[], width: number, colour: string): string {
  const [first, elbow, hand] = points;
  if (first === undefined || elbow === undefined || hand === undefined) return '';
  const d = `M ${first[0]} ${first[1]} Q ${elbow[0]} ${elbow[1]} ${hand[0]} ${hand[1]}`;
  return (
    path(d, 'none', `stroke="${shade(colour, -0.4)}" stroke-width="${width + 0.5}" stroke-linecap="round"`) +
    path(
      d,
      'none',
      `stroke="${colour}" stroke-width="${width - 0.4}" stroke-linecap="round" transform="translate(-0.4 -0.2)"`,
    )
  );
}

const hand = (x: number, y: number, skin: string): string =>
  `<ellipse cx="${x}" cy="${y}" rx="2.1" ry="2.7" fill="${shade(skin, -0.08)}"/>`;

function arms({ shirt, skin, tablet, step }: Look): string {
  if (tablet) {
    return (
      limb(
        [
          [-10.4, -78.5],
          [-15.5, -62],
          [-5.5, -61],
        ],
        5.4,
        shirt,
      ) +
      limb(
        [
          [10.4, -78.5],
          [15.5, -62],
          [5.5, -60],
        ],
        5.4,
        shirt,
      ) +
      `<g transform="rotate(-4 0 -63)"><rect x="-7" y="-69" width="14" height="10.4" rx="0.8" fill="#16181c"/><rect x="-6.2" y="-68.2" width="12.4" height="8.8" fill="#9db4c8"/><rect x="-6.2" y="-68.2" width="12.4" height="3" fill="#dfe8ef"/></g>` +
      hand(-6.6, -60.6, skin) +
      hand(6.6, -60, skin)
    );
  }
  const swing = step * 2;
  return (
    limb(
      [
        [-10.6, -78.5],
        [-14.4, -64],
        [-12.6 + swing, -48],
      ],
      5.4,
      shirt,
    ) +
    hand(-12.6 + swing, -46, skin) +
    limb(
      [
        [10.6, -78.5],
        [14.4, -64],
        [12.6 + swing, -48],
      ],
      5.4,
      shirt,
    ) +
    hand(12.6 + swing, -46, skin)
  );
}

function face(id: string, { skin, hair, hat }: Look): string {
  const dark = shade(skin, -0.45);
  return (
    path('M -3 -87 L 3 -87 L 3.6 -81 Q 0 -79 -3.6 -81 Z', shade(skin, -0.3)) +
    `<ellipse cx="-5" cy="-92" rx="0.9" ry="1.7" fill="${shade(skin, -0.15)}"/><ellipse cx="5" cy="-92" rx="0.9" ry="1.7" fill="${shade(skin, -0.3)}"/>` +
    path(
      'M -4.9 -94 C -5 -88.6, -3.4 -85.4, 0 -85.2 C 3.4 -85.4, 5 -88.6, 4.9 -94 C 4.8 -99, -4.8 -99, -4.9 -94 Z',
      `url(#${id}-skin)`,
    ) +
    path('M -3.4 -93.8 Q -2.2 -94.6 -1 -93.9', 'none', `stroke="${hair}" stroke-width="0.5"`) +
    path('M 1 -93.9 Q 2.2 -94.6 3.4 -93.8', 'none', `stroke="${hair}" stroke-width="0.5"`) +
    `<ellipse cx="-2.1" cy="-92.6" rx="0.85" ry="0.42" fill="#f4efe9"/><circle cx="-2.1" cy="-92.6" r="0.42" fill="#241a14"/>` +
    `<ellipse cx="2.1" cy="-92.6" rx="0.85" ry="0.42" fill="#f4efe9"/><circle cx="2.1" cy="-92.6" r="0.42" fill="#241a14"/>` +
    path(
      'M 0.2 -92.4 Q 0.9 -90.4 0.5 -90 Q -0.2 -89.6 -0.7 -90',
      'none',
      `stroke="${dark}" stroke-width="0.4"`,
    ) +
    path(
      'M -1.6 -87.9 Q 0 -87.3 1.6 -87.9',
      'none',
      `stroke="${shade('#9a4d44', -0.1)}" stroke-width="0.55"`,
    ) +
    path(
      'M -3.6 -88 Q 0 -84 3.6 -88 Q 2.6 -85.2 0 -85.2 Q -2.6 -85.2 -3.6 -88 Z',
      dark,
      'fill-opacity="0.25"',
    ) +
    (hat === null ? hairOf(hair) : hatOf(id))
  );
}

const hairOf = (hair: string): string =>
  path(
    'M -5.3 -92.6 C -6 -100.6, -2.4 -101.4, 0 -101.2 C 3 -101.4, 6 -100.2, 5.3 -92.6 C 4.9 -95.4, 4 -96.4, 2.6 -96.6 C 0 -97, -3 -96.8, -4.2 -95.4 C -4.8 -94.6, -5 -93.6, -5.3 -92.6 Z',
    hair,
  ) +
  path(
    'M -3 -99.6 Q 0 -100.8 3 -99.4',
    'none',
    `stroke="${shade(hair, 0.25)}" stroke-width="0.5" stroke-opacity="0.7"`,
  );

const hatOf = (id: string): string =>
  path('M -6.1 -95 C -6.4 -102.6, -3 -104.2, 0 -104.2 C 3 -104.2, 6.4 -102.6, 6.1 -95 Z', `url(#${id}-hat)`) +
  path('M -1 -104.2 L 1 -104.2 L 1.3 -95.6 L -1.3 -95.6 Z', '#fff', 'fill-opacity="0.18"') +
  path(
    'M -7 -95.4 Q 0 -97.4 7 -95.4 Q 7.4 -94.4 6.6 -94.2 Q 0 -95.8 -6.6 -94.2 Q -7.4 -94.4 -7 -95.4 Z',
    `url(#${id}-hat)`,
  ) +
  path('M -4.8 -94.4 Q 0 -95.9 4.8 -94.4 L 4.7 -93 Q 0 -94.6 -4.7 -93 Z', '#000', 'fill-opacity="0.28"') +
  `<ellipse cx="-2.6" cy="-100.8" rx="1.5" ry="1.9" fill="#fff" fill-opacity="0.45"/>`;

/** `id` must be the person's own within the picture. */
export function personSvg(id: string, look: Look): string {
  const hat = look.hat ?? '#ffffff';
  const vestColour = VESTS[look.vest ?? 'yellow'];
  const defs = [
    across(`${id}-skin`, look.skin),
    across(`${id}-shirt`, look.shirt),
    across(`${id}-trousers`, look.trousers),
    across(`${id}-hat`, hat),
    across(`${id}-vest`, vestColour),
  ].join('');
  return (
    `<defs>${defs}</defs><ellipse cx="3" cy="0.5" rx="14" ry="2" fill="#000" fill-opacity="0.35"/>` +
    `<g transform="scale(${look.build.toFixed(3)} 1)">${legs(id, look.step)}${trunk(id)}` +
    `${look.vest === null ? '' : vest(id, look.vest)}${arms(look)}</g>${face(id, look)}`
  );
}

/** In the units of the person. */
export const PERSON_BOX = { x: -15, y: -104.5, width: 30, height: 105.5 } as const;
export const HEAD_BOX = { x: -6.5, y: -104.5, width: 13, height: 19.5 } as const;
