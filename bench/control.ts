/** What a bench asks of the control port of the running instance. */
import type { Static, TSchema } from 'typebox';
import { Value } from 'typebox/value';
import { CurrentDrill, StatusBody } from '../src/lib/control-schemas.ts';
import { topology } from '../src/lib/topology.ts';
import type { InstanceOptions } from '../src/supervisor/config.ts';
import { instanceProcesses } from './instance.ts';

const CALL_LIMIT_MS = 10_000;

/** Before anything is measured: the instance runs, is strict and has no drill. Throws with what is amiss. */
export async function requireReady(
  { dataDir, portOffset }: InstanceOptions,
  signal: AbortSignal,
): Promise<void> {
  instanceProcesses(dataDir);
  const { record } = await call(StatusBody, controlUrl(portOffset, '/status'), signal);
  if (record?.mode !== 'strict' || record.phase !== 'serving') {
    const state = record === null ? 'no cluster record' : `${record.mode}, ${record.phase}`;
    throw new Error(`Tier-0 must be strict and serving before it is measured; it says: ${state}`);
  }
  const drill = await call(CurrentDrill, controlUrl(portOffset, '/drills/current'), signal);
  if (drill !== null) throw new Error(`a drill of Tier-0 runs already: ${drill.fault} (${drill.id})`);
}

export function controlUrl(portOffset: number, path: string): string {
  const { host, edge } = topology(portOffset);
  return `http://${host}:${edge.control}${path}`;
}

/** POST when there is a body. Throws with the address and what was answered. */
export async function call<T extends TSchema>(
  schema: T,
  url: string,
  signal: AbortSignal,
  body?: unknown,
): Promise<Static<T>> {
  const response = await fetch(url, {
    signal: AbortSignal.any([signal, AbortSignal.timeout(CALL_LIMIT_MS)]),
    ...(body === undefined
      ? {}
      : { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${url} answered ${response.status}: ${text.slice(0, 300)}`);
  return parseAnswer(schema, url, text);
}

/** Throws, naming the address and the first difference, when the text is not what the schema describes. */
export function parseAnswer<T extends TSchema>(schema: T, url: string, text: string): Static<T> {
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch (error) {
    throw new Error(`${url} did not answer JSON`, { cause: error });
  }
  if (Value.Check(schema, body)) return body;
  const [first] = Value.Errors(schema, body);
  throw new Error(`${url}: ${first?.instancePath ?? ''} ${first?.message ?? 'has another form'}`);
}
