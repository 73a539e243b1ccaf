/**
 * Products of stacks of matrices, such as those of attention, for models that WebAssembly runs. The backend gives a
 * single pair of matrices to XNNPACK, and a stack of pairs to plain loops that take ten times as long a product: here
 * each pair of a stack goes by itself. Its matrices are where they were; only a transposed one is copied.
 */
import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';
import {
  BatchMatMul,
  getKernel,
  registerKernel,
  type TensorInfo,
  unregisterKernel,
  util,
} from '@tensorflow/tfjs-core';
import { Type } from 'typebox';
import { Value } from 'typebox/value';

const BACKEND = 'wasm';
const FLOAT_BYTES = 4;
/** The backend counts its tensors up from 1. */
const [LEFT, RIGHT, PRODUCT] = [2 ** 30, 2 ** 30 + 1, 2 ** 30 + 2];

const Attributes = Type.Object({ transposeA: Type.Boolean(), transposeB: Type.Boolean() });

/** `height` pairs of a matrix of `rows` × `inner` and one of `inner` × `columns`. */
type Stack = {
  readonly height: number;
  readonly rows: number;
  readonly inner: number;
  readonly columns: number;
};

/** Replaces the backend's kernel in this thread; once the backend is ready. */
export function useStackedProducts(backend: BackendWasm): void {
  const plain = getKernel(BatchMatMul, BACKEND);
  if (plain === undefined) throw new Error(`the ${BACKEND} backend has no ${BatchMatMul}`);
  const multiply = singleProduct(backend);
  unregisterKernel(BatchMatMul, BACKEND);
  registerKernel({
    kernelName: BatchMatMul,
    backendName: BACKEND,
    kernelFunc: (call) => {
      const { a, b } = call.inputs;
      const { transposeA, transposeB } = Value.Parse(Attributes, call.attrs);
      const stack = a === undefined || b === undefined || transposeA ? null : stackOf(a, b, transposeB);
      if (a === undefined || b === undefined || stack === null) return plain.kernelFunc(call);
      const right = transposeB ? transposed(backend, b, stack) : b;
      const product = backend.makeOutput([...a.shape.slice(0, -2), stack.rows, stack.columns], 'float32');
      multiply(stack, a, right, product);
      if (right !== b) backend.disposeData(right.dataId);
      return product;
    },
  });
}

/** null: a single pair, one matrix with a stack of others, or what the backend refuses. */
function stackOf(a: TensorInfo, b: TensorInfo, transposeB: boolean): Stack | null {
  const outer = a.shape.slice(0, -2);
  const height = util.sizeFromShape(outer);
  const [rows = 0, inner = 0] = a.shape.slice(-2);
  const [columns = 0, innerB = 0] = transposeB ? b.shape.slice(-2) : b.shape.slice(-2).reverse();
  const alike = util.arraysEqual(outer, b.shape.slice(0, -2)) && inner === innerB;
  const floats = a.dtype === 'float32' && b.dtype === 'float32';
  return height > 1 && alike && floats ? { height, rows, inner, columns } : null;
}

function transposed(
  backend: BackendWasm,
  matrices: TensorInfo,
  { height, inner, columns }: Stack,
): TensorInfo {
  const result = backend.makeOutput([height, inner, columns], 'float32');
  // Making it may have moved the memory that both are in.
  const [from, to] = [backend.typedArrayFromHeap(matrices), backend.typedArrayFromHeap(result)];
  for (let base = 0; base < from.length; base += inner * columns) {
    for (let column = 0; column < columns; column++) {
      for (let at = 0; at < inner; at++) {
        to[base + at * columns + column] = from[base + column * inner + at] ?? 0;
      }
    }
  }
  return result;
}

/** Emscripten's modules can, though the types of this one do not say so. */
type CallsByName = {
  readonly cwrap: (
    name: string,
    result: null,
    argumentTypes: readonly string[],
  ) => (...values: readonly (number | Uint8Array)[]) => void;
};

const callsByName = (module: object): module is CallsByName =>
  'cwrap' in module && typeof module.cwrap === 'function';

function singleProduct(backend: BackendWasm) {
  const { wasm } = backend;
  if (!callsByName(wasm)) throw new Error('the module of the backend has no cwrap');
  const argumentTypes = [
    'number',
    'array',
    'number',
    'number',
    'array',
    'number',
    'number',
    'number',
    'number',
  ];
  const call = wasm.cwrap(BatchMatMul, null, argumentTypes);
  const shapeBytes = (rows: number, columns: number): Uint8Array =>
    new Uint8Array(Int32Array.of(1, rows, columns).buffer);
  return (stack: Stack, left: TensorInfo, right: TensorInfo, product: TensorInfo): void => {
    const { height, rows, inner, columns } = stack;
    const views = [
      { id: LEFT, size: rows * inner, at: backend.getMemoryOffset(left.dataId) },
      { id: RIGHT, size: inner * columns, at: backend.getMemoryOffset(right.dataId) },
      { id: PRODUCT, size: rows * columns, at: backend.getMemoryOffset(product.dataId) },
    ];
    const [leftShape, rightShape] = [shapeBytes(rows, inner), shapeBytes(inner, columns)];
    for (let level = 0; level < height; level++) {
      for (const { id, size, at } of views) {
        wasm.tfjs.registerTensor(id, size, at + level * size * FLOAT_BYTES);
      }
      call(LEFT, leftShape, 3, RIGHT, rightShape, 3, 0, 0, PRODUCT);
      // XNNPACK keeps what it prepared of a right side until that is disposed of.
      for (const { id } of views) wasm.tfjs.disposeData(id);
    }
  };
}
