/** TensorFlow.js models from the files of a package, run by WebAssembly. Only worker threads load this: it blocks. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { BackendWasm, setWasmPaths } from '@tensorflow/tfjs-backend-wasm';
import { type GraphModel, loadGraphModel } from '@tensorflow/tfjs-converter';
import { backend, io, ready, setBackend } from '@tensorflow/tfjs-core';
import { type Static, Type } from 'typebox';
import { Value } from 'typebox/value';
import { useStackedProducts } from './stacked-products.ts';

/** Which weights are in which files, one after the other. */
export const WeightsManifest = Type.Array(
  Type.Object({
    paths: Type.Array(Type.String()),
    weights: Type.Array(Type.Unsafe<io.WeightsManifestEntry>({})),
  }),
);

const Model = Type.Object({
  modelTopology: Type.Object({}),
  weightsManifest: WeightsManifest,
  // It knows the names of inputs and outputs.
  signature: Type.Optional(Type.Object({})),
});

const { resolve } = createRequire(import.meta.url);

/** The folder of a package's main file. */
export const packageDir = (name: string): string => dirname(resolve(name));

let prepared: Promise<void> | null = null;

async function prepareBackend(): Promise<void> {
  setWasmPaths(`${packageDir('@tensorflow/tfjs-backend-wasm')}/`);
  await setBackend('wasm');
  await ready();
  const wasm = backend();
  if (!(wasm instanceof BackendWasm)) throw new Error('TensorFlow.js has another backend than WebAssembly');
  useStackedProducts(wasm);
}

/** Throws when a file is missing. */
export function readWeightBytes(dir: string, manifest: Static<typeof WeightsManifest>): ArrayBuffer {
  const shards = manifest.flatMap(({ paths }) => paths.map((path) => readFileSync(join(dir, path))));
  const bytes = Buffer.concat(shards);
  return bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength);
}

/** Throws when a file is missing or is no model. */
export async function loadModel(dir: string, file: string): Promise<GraphModel> {
  prepared ??= prepareBackend();
  await prepared;
  const model = Value.Parse(Model, JSON.parse(readFileSync(join(dir, file), 'utf8')));
  const { modelTopology, weightsManifest, signature } = model;
  return loadGraphModel(
    io.fromMemory({
      modelTopology,
      weightSpecs: weightsManifest.flatMap(({ weights }) => weights),
      weightData: readWeightBytes(dir, weightsManifest),
      ...(signature === undefined ? {} : { signature }),
    }),
  );
}
