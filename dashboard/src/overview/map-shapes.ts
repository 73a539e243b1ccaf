/**
 * The United States as two SVG paths, with Alaska and Hawaii as insets. us-atlas ships its `albers` files
 * already projected with exactly this geoAlbersUsa onto 975 × 610, so only the sites are projected here.
 */
import { geoAlbersUsa, geoPath } from 'd3-geo';
import { feature, mesh } from 'topojson-client';
import topology from 'us-atlas/states-albers-10m.json';
import type { MapPoint } from './label-side.ts';

export const MAP_WIDTH = 975;
export const MAP_HEIGHT = 610;

const projection = geoAlbersUsa().scale(1300).translate([487.5, 305]);
const path = geoPath();

export const NATION_PATH = path(feature(topology, topology.objects.nation)) ?? '';
export const BORDERS_PATH = path(mesh(topology, topology.objects.states, (a, b) => a !== b)) ?? '';

/** Place on the map as fractions of its width and height; null outside the United States. */
export function place(lon: number, lat: number): MapPoint | null {
  const point = projection([lon, lat]);
  return point === null ? null : { x: point[0] / MAP_WIDTH, y: point[1] / MAP_HEIGHT };
}
