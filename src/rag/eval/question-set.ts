/** Sets of documents, questions and answers in the form {docs, qs, qr}. */
import { readFileSync } from 'node:fs';
import { type Static, Type } from 'typebox';
import { Value } from 'typebox/value';
import { describeError, UsageError } from '../../lib/errors.ts';

const Schema = Type.Object({
  docs: Type.Array(
    Type.Object({
      id: Type.String(),
      title: Type.Optional(Type.String()),
      text: Type.String({ pattern: '\\S' }),
      /** Documents of one paragraph: without its answer, a corpus lacks all of them. */
      para: Type.Optional(Type.Union([Type.String(), Type.Number()])),
    }),
    { minItems: 1 },
  ),
  qs: Type.Array(
    Type.Object({
      id: Type.String(),
      text: Type.String({ pattern: '\\S' }),
      answer: Type.Optional(Type.String()),
    }),
    { minItems: 1 },
  ),
  /** How relevant each document is to a question; those that are missing are not. */
  qr: Type.Record(Type.String(), Type.Record(Type.String(), Type.Number())),
});
export type QuestionSet = Static<typeof Schema>;

/** Throws UsageError that names the file and what is wrong with it. */
export function readQuestionSet(file: string): QuestionSet {
  let set: unknown;
  try {
    set = JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    throw new UsageError(`cannot read ${file}: ${describeError(error)}`);
  }
  if (!Value.Check(Schema, set)) {
    const [first] = Value.Errors(Schema, set);
    throw new UsageError(`${file} is no set of {docs, qs, qr}: ${first?.instancePath} ${first?.message}`);
  }
  const known = new Set(set.docs.map(({ id }) => id));
  for (const { id } of set.qs) {
    const relevant = Object.keys(set.qr[id] ?? {});
    if (relevant.length === 0)
      throw new UsageError(`${file}: qr says of no document that it answers question ${id}`);
    const unknown = relevant.find((document) => !known.has(document));
    if (unknown !== undefined)
      throw new UsageError(`${file}: qr of question ${id} names ${unknown}, which is no document`);
  }
  return set;
}
