/** What stands behind the workers: the country of the site, and a machine of the type, as SVG of 960 x 640. Pure. */
import type { Random } from '../../lib/random.ts';

export const WIDTH = 960;
export const HEIGHT = 640;
/** Where the ground begins. */
export const HORIZON = 300;

type Country = {
  readonly sky: readonly [top: string, low: string];
  readonly far: string;
  readonly ground: readonly [far: string, near: string];
};

const COUNTRIES: Readonly<Record<string, Country>> = {
  'WY-ALPHA': { sky: ['#6f9ccb', '#cfdde6'], far: '#8d8f80', ground: ['#a89a78', '#7d7158'] },
  'TX-EAGLE': { sky: ['#5d95cf', '#e3dcc8'], far: '#b09a78', ground: ['#c7a877', '#94784f'] },
  'ND-RAVEN': { sky: ['#8ba3b5', '#d5dade'], far: '#7f8a78', ground: ['#93957e', '#6c6c58'] },
  'CA-DELTA': { sky: ['#7fa9d0', '#efe3cd'], far: '#a49b83', ground: ['#b3a584', '#83775d'] },
  'OK-BRAVO': { sky: ['#7799bd', '#dcd8cc'], far: '#8e8a68', ground: ['#a1835f', '#775c43'] },
  'CO-SIERRA': { sky: ['#5f92cc', '#cad9e6'], far: '#7b8794', ground: ['#8f8a77', '#68634f'] },
  'LA-GULF': { sky: ['#8aa3a8', '#d3d9d0'], far: '#667a5e', ground: ['#7c8466', '#5a604b'] },
  'NM-MESA': { sky: ['#5c97d6', '#ecd9c0'], far: '#b0734f', ground: ['#c08d62', '#8f6545'] },
  'AK-NORTH': { sky: ['#93a6b8', '#dfe4e8'], far: '#b7c1c9', ground: ['#e3e7ea', '#b9c0c6'] },
  'MT-PEAK': { sky: ['#6d97c4', '#d4dfe7'], far: '#6f7d86', ground: ['#8c8b74', '#666552'] },
};
const PLAIN: Country = { sky: ['#7f98ad', '#d8dcdd'], far: '#8a8d86', ground: ['#9a968a', '#706c61'] };

const rect = (x: number, y: number, width: number, height: number, fill: string, more = ''): string =>
  `<rect x="${x}" y="${y}" width="${width}" height="${height}" fill="${fill}" ${more}/>`;

function gradient(id: string, [from, to]: readonly [string, string]): string {
  return `<linearGradient id="${id}" x1="0" y1="0" x2="0" y2="1"><stop offset="0" stop-color="${from}"/><stop offset="1" stop-color="${to}"/></linearGradient>`;
}

/** Round steel, lit from above. */
const METAL = `<linearGradient id="metal" x1="0" y1="0" x2="0" y2="1"><stop offset="0" stop-color="#8e969c"/><stop offset="0.25" stop-color="#c3c9cd"/><stop offset="1" stop-color="#3c4247"/></linearGradient><linearGradient id="paint" x1="0" y1="0" x2="0" y2="1"><stop offset="0" stop-color="#5e7f8f"/><stop offset="0.3" stop-color="#7b9cab"/><stop offset="1" stop-color="#22343d"/></linearGradient>`;

function ridge(random: Random, fill: string): string {
  let points = `0,${HORIZON}`;
  for (let x = 0; x <= WIDTH; x += 60) points += ` ${x},${Math.round(HORIZON - random.between(8, 60))}`;
  return `<polygon points="${points} ${WIDTH},${HORIZON}" fill="${fill}"/>`;
}

function pipes(random: Random): string {
  let svg = '';
  for (let index = 0; index < 4; index++) {
    const y = Math.round(random.between(200, 300));
    svg += rect(0, y, WIDTH, Math.round(random.between(8, 18)), 'url(#metal)');
    const x = Math.round(random.between(0, WIDTH));
    svg += rect(x, 90, 14, HORIZON - 60, '#59636a');
  }
  return svg;
}

function turbine(random: Random): string {
  const x = Math.round(random.between(60, 360));
  const blades = Array.from({ length: 24 }, (_, index) => {
    const angle = (index * 15 * Math.PI) / 180;
    const [dx, dy] = [Math.cos(angle) * 88, Math.sin(angle) * 88];
    return `<line x1="${x + 120}" y1="250" x2="${(x + 120 + dx).toFixed(1)}" y2="${(250 + dy).toFixed(1)}" stroke="#5a6268" stroke-width="5"/>`;
  }).join('');
  return (
    rect(x + 90, 190, 420, 130, 'url(#paint)', 'rx="40"') +
    rect(x + 180, 320, 40, 70, '#3a4045') +
    rect(x + 420, 320, 40, 70, '#3a4045') +
    `<circle cx="${x + 120}" cy="250" r="98" fill="url(#metal)"/><circle cx="${x + 120}" cy="250" r="90" fill="#2b3034"/>${blades}<circle cx="${x + 120}" cy="250" r="26" fill="url(#metal)"/>`
  );
}

function engine(random: Random): string {
  const x = Math.round(random.between(80, 420));
  const heads = Array.from({ length: 6 }, (_, index) =>
    rect(x + 16 + index * 62, 176, 44, 54, 'url(#metal)', 'rx="6"'),
  ).join('');
  return (
    rect(x, 220, 400, 150, 'url(#paint)', 'rx="12"') +
    heads +
    rect(x + 330, 110, 26, 80, '#4a4f53') +
    rect(x - 20, 360, 440, 24, '#2e3236')
  );
}

function rotor(random: Random): string {
  const x = Math.round(random.between(80, 420));
  const fins = Array.from({ length: 12 }, (_, index) =>
    rect(x + 40, 208 + index * 12, 300, 5, '#1d3550'),
  ).join('');
  return (
    rect(x, 200, 360, 160, '#2d5f9a', 'rx="60"') +
    fins +
    rect(x + 350, 262, 120, 36, 'url(#metal)') +
    rect(x + 110, 160, 120, 46, '#27527f', 'rx="8"') +
    rect(x + 20, 356, 320, 26, '#222a33')
  );
}

function wellhead(random: Random): string {
  const x = Math.round(random.between(180, 620));
  return (
    rect(x, 130, 34, 260, 'url(#metal)') +
    rect(x - 70, 190, 174, 26, 'url(#metal)') +
    rect(x - 60, 280, 150, 30, 'url(#metal)') +
    `<circle cx="${x - 70}" cy="203" r="30" fill="none" stroke="#b3261e" stroke-width="8"/><circle cx="${x + 104}" cy="203" r="30" fill="none" stroke="#b3261e" stroke-width="8"/><circle cx="${x + 17}" cy="118" r="26" fill="none" stroke="#b3261e" stroke-width="8"/>` +
    rect(x - 40, 386, 116, 18, '#3b3f42')
  );
}

const MACHINES: Readonly<Record<string, (random: Random) => string>> = {
  turbine,
  thermal_engine: engine,
  electrical_rotor: rotor,
  ogd: wellhead,
};

export function backdrop(random: Random, siteId: string, deviceType: string): string {
  const { sky, far, ground } = COUNTRIES[siteId] ?? PLAIN;
  const machine = MACHINES[deviceType];
  return (
    `<defs>${gradient('sky', sky)}${gradient('ground', ground)}${METAL}` +
    '<filter id="far" x="-5%" y="-5%" width="110%" height="110%"><feGaussianBlur stdDeviation="1.6"/></filter></defs>' +
    rect(0, 0, WIDTH, HORIZON + 2, 'url(#sky)') +
    rect(0, HORIZON, WIDTH, HEIGHT - HORIZON, 'url(#ground)') +
    `<g filter="url(#far)">${ridge(random, far)}${pipes(random)}${machine?.(random) ?? ''}</g>`
  );
}
