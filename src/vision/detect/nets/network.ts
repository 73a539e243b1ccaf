/**
 * Convolutional networks: how they are put together, and ONNX Runtime, which executes them on the thread that asks.
 * Filters are as TensorFlow has them: height, width, inputs, outputs; of depthwise ones the last is 1.
 */
import { InferenceSession, Tensor, type TypedTensor } from 'onnxruntime-node';
import { type Attribute, DATA_TYPE, OnnxModel, type Value } from './onnx.ts';
import { sizeOf, type Weight } from './package-model.ts';

const INPUT = 'image';

export type Activation = 'none' | 'relu' | 'relu6';

export type Convolution = {
  readonly filter: Weight;
  readonly bias: Weight | null;
  readonly strides: readonly [height: number, width: number];
  /** Whether borders are padded, so that a stride of 1 keeps the size. */
  readonly same: boolean;
  readonly activation: Activation;
};

/** As ONNX has filters: outputs, inputs, height, width. */
function turned({ shape, values }: Weight): Weight {
  const [height = 0, width = 0, inputs = 0, outputs = 0] = shape;
  const result = new Float32Array(values.length);
  const area = height * width;
  for (let cell = 0; cell < area; cell++) {
    for (let input = 0; input < inputs; input++) {
      for (let output = 0; output < outputs; output++) {
        const from = (cell * inputs + input) * outputs + output;
        result[(output * inputs + input) * area + cell] = values[from] ?? 0;
      }
    }
  }
  return { shape: [outputs, inputs, height, width], values: result };
}

/** Each method gives the name of its result, which other methods take. */
export class NetworkBuilder {
  readonly #model = new OnnxModel();
  readonly #side: number;

  /** `side`: of the square that is looked at, in pixels. */
  constructor(side: number) {
    this.#side = side;
  }

  scalar(value: number): Value {
    return this.#model.constant([], Float32Array.of(value));
  }

  node(
    operator: string,
    inputs: readonly Value[],
    attributes: Readonly<Record<string, Attribute>> = {},
  ): Value {
    return this.#model.node(operator, inputs, attributes);
  }

  /** What is looked at: red, green and blue, each byte times `scale` plus `offset`. */
  picture(scale: number, offset: number): Value {
    const planes = this.node('Transpose', [INPUT], { perm: [0, 3, 1, 2] });
    const floats = this.node('Cast', [planes], { to: { int: DATA_TYPE.float } });
    return this.node('Add', [this.node('Mul', [floats, this.scalar(scale)]), this.scalar(offset)]);
  }

  convolution(x: Value, convolution: Convolution): Value {
    return this.#convolve(x, convolution, turned(convolution.filter), 1);
  }

  /** Each channel by itself. */
  depthwise(x: Value, convolution: Convolution): Value {
    const [height = 0, width = 0, channels = 0] = convolution.filter.shape;
    const filter = turned({ shape: [height, width, 1, channels], values: convolution.filter.values });
    return this.#convolve(x, convolution, filter, channels);
  }

  #convolve(
    x: Value,
    { bias, strides, same, activation }: Convolution,
    filter: Weight,
    group: number,
  ): Value {
    const weights = bias === null ? [filter] : [filter, bias];
    const result = this.node(
      'Conv',
      [x, ...weights.map(({ shape, values }) => this.#model.constant(shape, values))],
      { strides, auto_pad: same ? 'SAME_UPPER' : 'VALID', group: { int: group } },
    );
    return this.activation(result, activation);
  }

  activation(x: Value, activation: Activation): Value {
    if (activation === 'none') return x;
    return activation === 'relu'
      ? this.node('Relu', [x])
      : this.node('Clip', [x, this.scalar(0), this.scalar(6)]);
  }

  /** 0 to 1: a sixth of x + 3, within these bounds. `byItself`: times x. */
  hardSigmoid(x: Value, byItself: boolean): Value {
    const result = this.node('HardSigmoid', [x], { alpha: { float: 1 / 6 }, beta: { float: 1 / 2 } });
    return byItself ? this.node('Mul', [x, result]) : result;
  }

  /** Height and width twice as large. */
  doubled(x: Value, halfPixelCentres: boolean): Value {
    const scales = this.#model.constant([4], Float32Array.of(1, 1, 2, 2));
    const transformation = halfPixelCentres ? 'half_pixel' : 'asymmetric';
    return this.node('Resize', [x, '', scales], {
      mode: 'linear',
      coordinate_transformation_mode: transformation,
    });
  }

  /** A result cell by cell, with all channels of each, instead of channel by channel. */
  byCell(x: Value): Value {
    return this.node('Transpose', [x], { perm: [0, 2, 3, 1] });
  }

  /** Loads it. Throws when it is no network. */
  async build(outputs: readonly Value[]): Promise<Network> {
    const shape = [1, this.#side, this.#side, 3];
    const model = this.#model.finish(INPUT, shape, outputs);
    const session = await InferenceSession.create(model, OPTIONS);
    return new Network(session, shape, outputs);
  }
}

/** Memory that comes from an arena would never go back. */
const OPTIONS: InferenceSession.SessionOptions = {
  executionProviders: ['cpu'],
  executionMode: 'sequential',
  intraOpNumThreads: 1,
  interOpNumThreads: 1,
  enableCpuMemArena: false,
};

export class Network {
  readonly #session: InferenceSession;
  readonly #shape: readonly number[];
  /** In the order of the outputs. */
  readonly #results: readonly (readonly [name: Value, tensor: TypedTensor<'float32'>])[];

  constructor(session: InferenceSession, shape: readonly number[], outputs: readonly Value[]) {
    this.#session = session;
    this.#shape = shape;
    this.#results = outputs.map((name) => [name, tensorFor(name, session.outputMetadata)]);
  }

  /**
   * `pixels`: RGB, a byte each. All outputs, in their order, channel by channel; the next run overwrites them. Blocks the
   * thread.
   */
  async run(pixels: Uint8Array): Promise<Float32Array[]> {
    const picture = new Tensor('uint8', pixels, this.#shape);
    await this.#session.run({ [INPUT]: picture }, Object.fromEntries(this.#results));
    return this.#results.map(([, { data }]) => data);
  }
}

function tensorFor(name: Value, outputs: readonly InferenceSession.ValueMetadata[]): TypedTensor<'float32'> {
  const output = outputs.find((one) => one.name === name);
  if (output === undefined || !output.isTensor) throw new Error(`the network has no output ${name}`);
  const shape = output.shape.map(Number);
  return new Tensor('float32', new Float32Array(sizeOf(shape)), shape);
}
