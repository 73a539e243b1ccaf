import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { BackendWasm, setWasmPaths } from '@tensorflow/tfjs-backend-wasm';
import { backend, matMul, memory, ready, setBackend, type Tensor, tensor } from '@tensorflow/tfjs-core';
import { packageDir } from './package-files.ts';
import { useStackedProducts } from './stacked-products.ts';

const [HEIGHT, ROWS, INNER, COLUMNS] = [6, 5, 7, 3];

/** Some numbers, none of them alike. */
const numbers = (count: number, seed: number): number[] =>
  Array.from({ length: count }, (_, at) => Math.sin(seed + at * 1.7));

async function close(got: Tensor, expected: readonly number[]): Promise<void> {
  const data = await got.data();
  assert.equal(data.length, expected.length);
  expected.forEach((value, at) => {
    assert.ok(Math.abs((data[at] ?? Number.NaN) - value) < 1e-5, `${data[at]} at ${at} instead of ${value}`);
  });
}

describe('products of stacks of matrices', () => {
  before(async () => {
    setWasmPaths(`${packageDir('@tensorflow/tfjs-backend-wasm')}/`);
    await setBackend('wasm');
    await ready();
    const wasm = backend();
    assert.ok(wasm instanceof BackendWasm);
    useStackedProducts(wasm);
  });

  const left = numbers(HEIGHT * ROWS * INNER, 1);
  const right = numbers(HEIGHT * INNER * COLUMNS, 2);
  const product = Array.from({ length: HEIGHT * ROWS * COLUMNS }, (_, at) => {
    const [level, row, column] = [
      Math.floor(at / (ROWS * COLUMNS)),
      Math.floor(at / COLUMNS) % ROWS,
      at % COLUMNS,
    ];
    let sum = 0;
    for (let k = 0; k < INNER; k++) {
      sum +=
        (left[(level * ROWS + row) * INNER + k] ?? 0) * (right[(level * INNER + k) * COLUMNS + column] ?? 0);
    }
    return sum;
  });
  const turned = Array.from({ length: right.length }, (_, at) => {
    const [level, column, k] = [
      Math.floor(at / (INNER * COLUMNS)),
      Math.floor(at / INNER) % COLUMNS,
      at % INNER,
    ];
    return right[(level * INNER + k) * COLUMNS + column] ?? 0;
  });

  test('are those of each pair, also of a transposed right side, time after time', async () => {
    for (let times = 0; times < 3; times++) {
      const a = tensor(left, [2, 3, ROWS, INNER]);
      const b = tensor(right, [2, 3, INNER, COLUMNS]);
      const c = tensor(turned, [2, 3, COLUMNS, INNER]);
      const [straight, transposed] = [matMul(a, b), matMul(a, c, false, true)];
      assert.deepEqual(straight.shape, [2, 3, ROWS, COLUMNS]);
      await close(straight, product);
      await close(transposed, product);
      for (const each of [a, b, c, straight, transposed]) each.dispose();
    }
    assert.equal(memory().numTensors, 0);
  });

  test('of one matrix with many stay the backend’s', async () => {
    const a = tensor(left.slice(0, ROWS * INNER), [1, ROWS, INNER]);
    const b = tensor(right, [HEIGHT, INNER, COLUMNS]);
    const product0 = product.slice(0, ROWS * COLUMNS);
    const many = matMul(a, b);
    assert.deepEqual(many.shape, [HEIGHT, ROWS, COLUMNS]);
    const data = await many.data();
    await close(tensor(Array.from(data.slice(0, product0.length))), product0);
  });

  test('that do not fit are refused by the backend as before', () => {
    const a = tensor(numbers(2 * 3 * 4, 1), [2, 3, 4]);
    const narrow = tensor(numbers(2 * 5 * 3, 2), [2, 5, 3]);
    assert.throws(() => matMul(a, narrow), /inner shapes/i);
    const [wide, tall] = [tensor(numbers(6, 1), [2, 3, 1, 1]), tensor(numbers(6, 2), [3, 2, 1, 1])];
    assert.throws(() => matMul(wide, tall), /broadcast/i);
  });
});
