/** What the bench and its generator processes say to each other. */
import { type Static, Type } from 'typebox';

export const GeneratorSpec = Type.Object({
  targets: Type.Array(Type.Object({ host: Type.String(), port: Type.Integer() }), { minItems: 1 }),
  /** This process has the connections firstConnection … of allConnections. Targets take turns. */
  firstConnection: Type.Integer({ minimum: 0 }),
  connections: Type.Integer({ minimum: 1, maximum: 1024 }),
  allConnections: Type.Integer({ minimum: 1, maximum: 1024 }),
  /** Messages a second of this process, 0: as fast as possible. */
  rate: Type.Number({ minimum: 0 }),
  window: Type.Integer({ minimum: 1, maximum: 65_535 }),
  runId: Type.String(),
  /** Empty: no ledger. */
  ledgerFile: Type.String(),
});
export type GeneratorSpec = Static<typeof GeneratorSpec>;

export const ToGenerator = Type.Union([
  Type.Object({ kind: Type.Literal('prepare'), spec: GeneratorSpec }),
  Type.Object({ kind: Type.Literal('go') }),
  Type.Object({ kind: Type.Literal('measure') }),
  Type.Object({ kind: Type.Literal('stop') }),
]);
export type ToGenerator = Static<typeof ToGenerator>;

const Result = Type.Object({
  sent: Type.Integer(),
  acknowledged: Type.Integer(),
  measured: Type.Integer(),
  seconds: Type.Number(),
  /** CPU of this process while measured, user and system together. */
  cpuSeconds: Type.Number(),
  buckets: Type.Array(Type.Integer()),
  maxUs: Type.Integer(),
  perSecond: Type.Array(Type.Integer()),
});
export type GeneratorResult = Static<typeof Result>;

export const FromGenerator = Type.Union([
  Type.Object({ kind: Type.Literal('ready'), messageBytes: Type.Number() }),
  Type.Object({ kind: Type.Literal('started') }),
  Type.Object({ kind: Type.Literal('measuring') }),
  Type.Object({ kind: Type.Literal('done'), result: Result }),
  Type.Object({ kind: Type.Literal('failed'), message: Type.String() }),
]);
export type FromGenerator = Static<typeof FromGenerator>;
