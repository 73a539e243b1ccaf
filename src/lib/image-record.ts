/** What a camera's photo shows, as it is stored. Scores by domain.md: hard hat 40, vest 30, equipment 30. */
import { type Static, Type } from 'typebox';
import { Nullable } from './schema.ts';

/** "unknown": the photo does not show it well enough. Confidence is of the value said. */
export const Seen = Type.Object({
  value: Type.Union([Type.Literal('yes'), Type.Literal('no'), Type.Literal('unknown')]),
  confidence: Type.Number({ minimum: 0, maximum: 1 }),
  /** True when a person said so, not the detector. */
  corrected: Type.Optional(Type.Boolean()),
});
export type Seen = Static<typeof Seen>;

/** Pixels of the photo as it is shown, from its upper left corner. */
export const Box = Type.Object({
  x: Type.Number(),
  y: Type.Number(),
  width: Type.Number(),
  height: Type.Number(),
});
export type Box = Static<typeof Box>;

export const Person = Type.Object({
  box: Box,
  hard_hat: Seen,
  vest: Seen,
  equipment: Seen,
  /** How sure the detector is that this is a person. */
  confidence: Type.Optional(Type.Number({ minimum: 0, maximum: 1 })),
  /** Counts the people that the detector found, from 0: who is left keeps it. */
  n: Type.Optional(Type.Integer({ minimum: 0 })),
  /** Where the head is; null when it cannot be told. */
  head: Type.Optional(Nullable(Box)),
});
export type Person = Static<typeof Person>;

export const ImageRecordSchema = Type.Object({
  image_id: Type.String(),
  site_id: Type.String(),
  device_type: Type.String(),
  camera: Type.String(),
  taken_at: Type.String(),
  simulated: Type.Boolean(),
  people: Type.Array(Person),
  description: Type.String(),
  keywords: Type.Array(Type.String()),
  /** 0 to 100; null: nobody is in the photo. */
  compliance_score: Nullable(Type.Number({ minimum: 0, maximum: 100 })),
});
export type ImageRecord = Static<typeof ImageRecordSchema>;
