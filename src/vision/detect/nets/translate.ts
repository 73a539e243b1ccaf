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

function activationOf(fused: readonly string[]): Activation {
  if (fused.includes('Relu6')) return 'relu6';
  return fused.includes('Relu') ? 'relu' : 'none';
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

/**
 * Everything that `outputs` need of the operations. `given`: results that are there already. Gives the names of the
 * outputs. Throws at an operation that is not known.
 */
export function translate(
  builder: NetworkBuilder,
  model: { readonly operations: ReadonlyMap<string, Operation>; readonly weights: Weights },
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
    if (operation.op === 'Const') {
      const { shape, values: numbers } = model.weights(name);
      if (shape.length > 0) throw new Error(`${name} is not a single number`);
      return builder.scalar(numbers[0] ?? 0);
    }
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
