/** Networks of TensorFlow.js, operation by operation. Only those that networks for pictures are made of are known. */
import type { Activation, Convolution, NetworkBuilder } from './network.ts';
import type { Value } from './onnx.ts';
import type { Operation, Weight, Weights } from './package-model.ts';

const CHANNELS = 1;

type Translate = (builder: NetworkBuilder, operation: Operation, inputs: Inputs) => Value;
type Inputs = {
  /** Results of operations. */
  readonly value: (index: number) => Value;
  readonly weight: (index: number) => Weight;
};

const text = (base64: string | undefined): string => Buffer.from(base64 ?? '', 'base64').toString();

const ACTIVATIONS: Readonly<Record<string, Activation>> = { Relu: 'relu', Relu6: 'relu6' };

function activationOf(fused: readonly string[]): Activation {
  const [name] = fused.filter((one) => one !== 'BiasAdd');
  if (name === undefined) return 'none';
  const activation = ACTIVATIONS[name];
  if (activation === undefined) throw new Error(`a convolution that ends in ${name} is not known`);
  return activation;
}

function convolutionOf({ attr = {} }: Operation, { weight }: Inputs): Convolution {
  const [, height = 1, width = 1] = attr.strides?.list?.i?.map(Number) ?? [];
  const fused = attr.fused_ops?.list?.s?.map(text) ?? [];
  return {
    filter: weight(1),
    bias: fused.includes('BiasAdd') ? weight(2) : null,
    strides: [height, width],
    same: text(attr.padding?.s) === 'SAME',
    activation: activationOf(fused),
  };
}

const convolution: Translate = (builder, operation, inputs) =>
  builder.convolution(inputs.value(0), convolutionOf(operation, inputs));
const depthwise: Translate = (builder, operation, inputs) =>
  builder.depthwise(inputs.value(0), convolutionOf(operation, inputs));

const ofTwo =
  (operator: string): Translate =>
  (builder, _, { value }) =>
    builder.node(operator, [value(0), value(1)]);

const KNOWN: Readonly<Record<string, Translate>> = {
  Conv2D: convolution,
  _FusedConv2D: convolution,
  DepthwiseConv2dNative: depthwise,
  FusedDepthwiseConv2dNative: depthwise,
  Mul: ofTwo('Mul'),
  Add: ofTwo('Add'),
  AddV2: ofTwo('Add'),
  Relu: (builder, _, { value }) => builder.activation(value(0), 'relu'),
  Relu6: (builder, _, { value }) => builder.activation(value(0), 'relu6'),
  Sigmoid: (builder, _, { value }) => builder.node('Sigmoid', [value(0)]),
  Mean: (builder, _, { value }) => builder.node('GlobalAveragePool', [value(0)]),
  ConcatV2: (builder, _, { value }) =>
    builder.node('Concat', [value(0), value(1)], { axis: { int: CHANNELS } }),
  ResizeBilinear: (builder, { attr = {} }, { value }) =>
    builder.doubled(value(0), attr.half_pixel_centers?.b === true),
};

type Model = { readonly operations: ReadonlyMap<string, Operation>; readonly weights: Weights };

/** The only number of a constant; null: it is none, or has more. */
function numberOf({ operations, weights }: Model, name: string): number | null {
  if (operations.get(name)?.op !== 'Const') return null;
  const { shape, values } = weights(name);
  return shape.length === 0 ? (values[0] ?? 0) : null;
}

const isNear = (value: number | null, to: number): boolean => value !== null && Math.abs(value - to) < 1e-3;

/** What `name` is an operation of, with a constant near `constant`; null: it is none. */
function withConstant(model: Model, name: string, ops: readonly string[], constant: number): string | null {
  const operation = model.operations.get(name);
  if (operation === undefined || !ops.includes(operation.op)) return null;
  const [a = '', b = ''] = operation.input ?? [];
  if (isNear(numberOf(model, b), constant)) return a;
  return isNear(numberOf(model, a), constant) ? b : null;
}

/** Relu6 of x + 3, of which `name` is the result: x; null: it is another result. */
function withinSix(model: Model, name: string): string | null {
  const operation = model.operations.get(name);
  if (operation?.op !== 'Relu6') return null;
  return withConstant(model, operation.input?.[0] ?? '', ['Add', 'AddV2'], 3);
}

/**
 * A sixth of Relu6 of x + 3, or that times x: in ONNX one operation, or two, for which ONNX Runtime needs no pass of
 * their own over the picture. null: it is another product.
 */
function hardSigmoid(model: Model, { op, input = [] }: Operation): { x: string; byItself: boolean } | null {
  if (op !== 'Mul') return null;
  for (const [a, b] of [input, input.toReversed()]) {
    const x = withinSix(model, b ?? '');
    if (x === null || a === undefined) continue;
    if (isNear(numberOf(model, a), 1 / 6)) return { x, byItself: false };
    if (withConstant(model, a, ['Mul'], 1 / 6) === x) return { x, byItself: true };
  }
  return null;
}

/**
 * Everything that `outputs` need of the operations. `given`: results that are there already. Gives the names of the
 * outputs. Throws at an operation that is not known.
 */
export function translate(
  builder: NetworkBuilder,
  model: Model,
  given: Readonly<Record<string, Value>>,
  outputs: readonly string[],
): Value[] {
  const values = new Map(Object.entries(given));
  const resultOf = (name: string): Value => {
    const value = values.get(name) ?? made(name);
    values.set(name, value);
    return value;
  };
  const made = (name: string): Value => {
    const operation = model.operations.get(name);
    if (operation === undefined) throw new Error(`the model has no ${name}`);
    const constant = numberOf(model, name);
    if (constant !== null) return builder.scalar(constant);
    const hard = hardSigmoid(model, operation);
    if (hard !== null) return builder.hardSigmoid(resultOf(hard.x), hard.byItself);
    const input = (index: number): string => operation.input?.[index] ?? '';
    const translateOne = KNOWN[operation.op];
    if (translateOne === undefined) throw new Error(`${operation.op} is not known (${name})`);
    return translateOne(builder, operation, {
      value: (index) => resultOf(input(index)),
      weight: (index) => model.weights(input(index)),
    });
  };
  return outputs.map(resultOf);
}
