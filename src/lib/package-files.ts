/** Files of packages of which only data is used. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

const { resolve } = createRequire(import.meta.url);

/** The folder of a package's main file. */
export const packageDir = (name: string): string => dirname(resolve(name));

/** Everything that a TensorFlow.js manifest lists, one after the other. Throws when a file is missing. */
export function readShards(
  dir: string,
  manifest: readonly { readonly paths: readonly string[] }[],
): ArrayBuffer {
  const shards = manifest.flatMap(({ paths }) => paths.map((path) => readFileSync(join(dir, path))));
  const bytes = Buffer.concat(shards);
  return bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength);
}
