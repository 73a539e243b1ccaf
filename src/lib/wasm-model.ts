/** TensorFlow.js models from the files of a package, run by WebAssembly. Only worker threads load this: it blocks. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { BackendWasm, setWasmPaths } from '@tensorflow/tfjs-backend-wasm';
import { type GraphModel, loadGraphModel } from '@tensorflow/tfjs-converter';
import { backend, io, ready, setBackend } from '@tensorflow/tfjs-core';
import { Type } from 'typebox';
import { Value } from 'typebox/value';
import { packageDir, readShards } from './package-files.ts';
import { useStackedProducts } from './stacked-products.ts';

const Model = Type.Object({
  modelTopology: Type.Object({}),
  weightsManifest: Type.Array(
    Type.Object({
      paths: Type.Array(Type.String()),
      weights: Type.Array(Type.Unsafe<io.WeightsManifestEntry>({})),
    }),
  ),
  // It knows the names of inputs and outputs.
  signature: Type.Optional(Type.Object({})),
});

let prepared: Promise<void> | null = null;

async function prepareBackend(): Promise<void> {
  setWasmPaths(`${packageDir('@tensorflow/tfjs-backend-wasm')}/`);
  await setBackend('wasm');
  await ready();
  const wasm = backend();
  if (!(wasm instanceof BackendWasm)) throw new Error('TensorFlow.js has another backend than WebAssembly');
  useStackedProducts(wasm);
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
      weightData: readShards(dir, weightsManifest),
      ...(signature === undefined ? {} : { signature }),
    }),
  );
}
