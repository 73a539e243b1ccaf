/**
 * Writes ONNX models, which are protobuf messages. Fields and types have the numbers of onnx.proto:
 * https://github.com/onnx/onnx/blob/main/onnx/onnx.proto. Pure.
 */
import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire';

/** Of the format, and of the operators: https://onnx.ai/onnx/operators/ */
const IR_VERSION = 8;
const OPERATORS_VERSION = 17;

export const DATA_TYPE = { float: 1, uint8: 2 } as const;
const ATTRIBUTE_TYPE = { float: 1, int: 2, string: 3, ints: 7 } as const;

/** A text, whole numbers, or a single number, of which there are two kinds. */
export type Attribute = { readonly int: number } | { readonly float: number } | string | readonly number[];

/** A value within the model, by its name. */
export type Value = string;

type Message = (writer: BinaryWriter) => void;

function message(writer: BinaryWriter, field: number, write: Message): void {
  writer.tag(field, WireType.LengthDelimited).fork();
  write(writer);
  writer.join();
}

const text = (writer: BinaryWriter, field: number, value: string): BinaryWriter =>
  writer.tag(field, WireType.LengthDelimited).string(value);

const int = (writer: BinaryWriter, field: number, value: number): BinaryWriter =>
  writer.tag(field, WireType.Varint).int64(value);

function writeAttribute(writer: BinaryWriter, name: string, value: Attribute): void {
  text(writer, 1, name);
  if (typeof value === 'string') {
    int(text(writer, 4, value), 20, ATTRIBUTE_TYPE.string);
  } else if ('int' in value) {
    int(int(writer, 3, value.int), 20, ATTRIBUTE_TYPE.int);
  } else if ('float' in value) {
    int(writer.tag(2, WireType.Bit32).float(value.float), 20, ATTRIBUTE_TYPE.float);
  } else {
    for (const one of value) int(writer, 8, one);
    int(writer, 20, ATTRIBUTE_TYPE.ints);
  }
}

/** Of an input or an output; without a shape where the model itself tells it. */
function writeInfo(writer: BinaryWriter, name: Value, type: number, shape: readonly number[] | null): void {
  text(writer, 1, name);
  message(writer, 2, (info) =>
    message(info, 1, (tensor) => {
      int(tensor, 1, type);
      if (shape === null) return;
      message(tensor, 2, (dimensions) => {
        for (const length of shape) message(dimensions, 1, (dimension) => void int(dimension, 1, length));
      });
    }),
  );
}

function encoded(write: Message): Uint8Array {
  const writer = new BinaryWriter();
  write(writer);
  return writer.finish();
}

/** What begins a field that has so many bytes. */
const start = (writer: BinaryWriter, field: number, length: number): BinaryWriter =>
  writer.tag(field, WireType.LengthDelimited).uint32(length);

/** A model that is being made. Tensors are stored as batch, channels, height, width. */
export class OnnxModel {
  /** Of the graph. Weights are copied once only, when all is put together. */
  readonly #parts: Uint8Array[] = [];
  #count = 0;

  #newName(): Value {
    this.#count += 1;
    return `v${this.#count}`;
  }

  constant(shape: readonly number[], values: Float32Array): Value {
    const name = this.#newName();
    const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
    const head = encoded((writer) => {
      for (const length of shape) int(writer, 1, length);
      int(writer, 2, DATA_TYPE.float);
      text(writer, 8, name);
      start(writer, 9, bytes.length);
    });
    this.#parts.push(
      encoded((writer) => void start(writer, 5, head.length + bytes.length)),
      head,
      bytes,
    );
    return name;
  }

  /** The first output of the operator. An empty name is an input that is left out. */
  node(
    operator: string,
    inputs: readonly Value[],
    attributes: Readonly<Record<string, Attribute>> = {},
  ): Value {
    const output = this.#newName();
    const node: Message = (writer) => {
      for (const input of inputs) text(writer, 1, input);
      text(writer, 2, output);
      text(writer, 4, operator);
      for (const [name, value] of Object.entries(attributes)) {
        message(writer, 5, (attribute) => writeAttribute(attribute, name, value));
      }
    };
    this.#parts.push(encoded((writer) => message(writer, 1, node)));
    return output;
  }

  /** The model, which has one picture as input: bytes of `shape`. Outputs are floats. */
  finish(input: Value, shape: readonly number[], outputs: readonly Value[]): Uint8Array {
    const ends = encoded((writer) => {
      text(writer, 2, 'graph');
      message(writer, 11, (info) => writeInfo(info, input, DATA_TYPE.uint8, shape));
      for (const output of outputs) {
        message(writer, 12, (info) => writeInfo(info, output, DATA_TYPE.float, null));
      }
    });
    const graph = [...this.#parts, ends];
    const length = graph.reduce((sum, part) => sum + part.length, 0);
    const head = encoded((writer) => {
      int(writer, 1, IR_VERSION);
      message(writer, 8, (operators) => void int(operators, 2, OPERATORS_VERSION));
      start(writer, 7, length);
    });
    return Buffer.concat([head, ...graph]);
  }
}
