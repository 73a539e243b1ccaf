/** Photos on their way to the vision service, and what a path says of them. */
import { basename, sep } from 'node:path';
import { type Static, Type } from 'typebox';
import { Value } from 'typebox/value';
import { askService } from './ask-service.ts';
import { SITES } from './fleet.ts';

/** In a folder only these are taken; a file that is named is tried whatever it is called. */
export const PHOTO_ENDINGS: ReadonlySet<string> = new Set([
  ...['.jpg', '.jpeg', '.png', '.webp', '.gif', '.tif', '.tiff', '.avif'],
]);

/** What folders and files are called that show a type of device. */
const TYPES: readonly (readonly [pattern: RegExp, type: string])[] = [
  [/turbine/, 'turbine'],
  [/thermal|engine/, 'thermal_engine'],
  [/rotor|electrical/, 'electrical_rotor'],
  [/ogd|oil|gas|connected|wellhead/, 'ogd'],
];

/** The nearest folder that is named like a site; null: none is. Pure. */
export function siteOfPath(path: string): string | null {
  const folders = path.split(sep).reverse();
  const found = folders.map((folder) => SITES.find(({ id }) => id === folder.toUpperCase())?.id);
  return found.find((id) => id !== undefined) ?? null;
}

/** From the file's name, then its folder's; null: neither says. Pure. */
export function deviceTypeOfPath(path: string): string | null {
  const [folder = '', name = ''] = path.toLowerCase().split(sep).slice(-2);
  const place = path.includes(sep) ? [name, folder] : [folder];
  for (const text of place) {
    const found = TYPES.find(([pattern]) => pattern.test(text));
    if (found !== undefined) return found[1];
  }
  return null;
}

export type SentPhoto = {
  readonly siteId: string;
  readonly deviceType: string;
  readonly fileName: string;
  readonly content: Uint8Array;
  /** ISO 8601. */
  readonly takenAt: string;
  readonly camera?: string;
  readonly simulated?: boolean;
};

const Uploaded = Type.Object({
  image_id: Type.String(),
  added: Type.Boolean(),
  state: Type.String(),
});
export type Uploaded = Static<typeof Uploaded>;

/** `service`: the address of the vision service. Throws as askService does. */
export async function uploadPhoto(service: string, photo: SentPhoto, waitMs: number): Promise<Uploaded> {
  const query = new URLSearchParams({
    site_id: photo.siteId,
    device_type: photo.deviceType,
    name: basename(photo.fileName),
    taken_at: photo.takenAt,
    ...(photo.camera === undefined ? {} : { camera: photo.camera }),
    ...(photo.simulated === true ? { simulated: 'true' } : {}),
  });
  const request = { method: 'POST', body: new Uint8Array(photo.content) };
  return Value.Parse(Uploaded, await askService(`${service}/api/images?${query}`, request, waitMs));
}
