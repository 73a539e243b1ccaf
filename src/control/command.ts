/** `tier0 drill …`: asks the control role of a running instance, follows the drill, prints its report. */
import { randomUUID } from 'node:crypto';
import type { TSchema } from 'typebox';
import { Value } from 'typebox/value';
import { sleep } from '../lib/clock.ts';
import {
  CurrentDrill,
  DrillReport,
  type DrillRequest,
  DrillsBody,
  FaultName,
} from '../lib/control-schemas.ts';
import { describeError, UsageError } from '../lib/errors.ts';
import { type HttpAnswer, httpCall } from '../lib/http-call.ts';
import { type Topology, topology } from '../lib/topology.ts';
import { printReport } from './drill/print.ts';

const CALL_MS = 10_000;
const POLL_MS = 250;
/** While the region that answers is down the report may take a moment to be read. */
const REPORT_TRIES = 40;

type Print = (line: string) => void;

export type DrillOptions = {
  readonly portOffset: number;
  readonly request: Omit<DrillRequest, 'fault'>;
  readonly json: boolean;
};

const FAULT_NAMES = FaultName.anyOf.map((one) => one.const);

/** `words`: what stands behind `drill`. Exit code 0 when the drill passed, 1 when not. */
export async function drill(words: readonly string[], options: DrillOptions, print: Print): Promise<number> {
  const at = topology(options.portOffset);
  const [what = '', which] = words;
  if (what === 'heal') return heal(at, print);
  if (what === 'list') return list(at, print);
  if (what === 'show') return show(at, which, options.json, print);
  const fault = FAULT_NAMES.find((name) => name === what);
  if (fault === undefined) {
    throw new UsageError(`drill takes one of: ${FAULT_NAMES.join(', ')}, heal, list, show; not "${what}"`);
  }
  const target = which ?? options.request.target;
  if (target !== 'region1' && target !== 'region2' && target !== 'leader' && target !== 'standby') {
    throw new UsageError(`a drill's target is region1, region2, leader or standby, not "${target}"`);
  }
  const { status, body } = await control(at, '/drills', { ...options.request, fault, target });
  if (status !== 202) throw new UsageError(messageOf(body));
  const { id }: { id: string } = JSON.parse(body);
  await follow(at, id, options.json ? () => {} : print);
  return printOne(await readReport(at, id), options.json, print);
}

/** A call to the control port. Throws UsageError when nothing answers there. */
async function control(at: Topology, path: string, body?: object): Promise<HttpAnswer> {
  try {
    return await httpCall({
      host: at.host,
      port: at.edge.control,
      path,
      limitMs: CALL_MS,
      ...(body === undefined
        ? {}
        : { method: 'POST' as const, body, headers: { 'idempotency-key': randomUUID() } }),
    });
  } catch (error) {
    throw new UsageError(`no instance answers on port ${at.edge.control}: ${describeError(error)}`);
  }
}

function messageOf(body: string): string {
  try {
    const parsed: unknown = JSON.parse(body);
    if (typeof parsed === 'object' && parsed !== null && 'message' in parsed) return String(parsed.message);
  } catch {
    // Not from us: the front door's own page.
  }
  return 'nobody who could tell more is reached; see: npx tier0 status';
}

/** Throws when the answer is not 200 of the expected form. */
function parsed<T extends TSchema>(schema: T, { status, body }: HttpAnswer) {
  if (status !== 200) throw new UsageError(`answered with ${status}: ${messageOf(body)}`);
  return Value.Parse(schema, JSON.parse(body));
}

/** Prints what happens until the drill is over. */
async function follow(at: Topology, id: string, print: Print): Promise<void> {
  let said = '';
  let steps = 0;
  for (;;) {
    const now = parsed(CurrentDrill, await control(at, '/drills/current'));
    if (now === null || now.id !== id) return;
    const line = `run ${now.run} of ${now.repeat}: ${now.message}`;
    if (line !== said) {
      print(line);
      steps = 0;
    }
    said = line;
    for (const { step, after_ms } of now.timeline.slice(steps)) {
      print(`  ${String(Math.round(after_ms)).padStart(7)} ms  ${step.replaceAll('_', ' ')}`);
    }
    steps = Math.max(steps, now.timeline.length);
    await sleep(POLL_MS);
  }
}

async function readReport(at: Topology, id: string): Promise<DrillReport> {
  let last = '';
  for (let tries = 0; tries < REPORT_TRIES; tries++) {
    try {
      const answer = await httpCall({
        host: at.host,
        port: at.edge.api,
        path: `/api/drills/${id}`,
        limitMs: CALL_MS,
      });
      if (answer.status === 200) return Value.Parse(DrillReport, JSON.parse(answer.body));
      last = messageOf(answer.body);
    } catch (error) {
      last = describeError(error);
    }
    await sleep(POLL_MS);
  }
  throw new UsageError(`the report of ${id} cannot be read: ${last}`);
}

function printOne(report: DrillReport, json: boolean, print: Print): number {
  if (json) print(JSON.stringify(report, null, 2));
  else for (const line of printReport(report)) print(line);
  return report.verdict === 'passed' ? 0 : 1;
}

async function heal(at: Topology, print: Print): Promise<number> {
  const { status, body } = await control(at, '/drills/heal', {});
  if (status !== 200) throw new UsageError(messageOf(body));
  const { healed }: { healed: string[] } = JSON.parse(body);
  print(
    healed.length === 0
      ? 'nothing is frozen; what was killed is started again by its supervisor'
      : `continued: ${healed.join(', ')}`,
  );
  return 0;
}

async function list(at: Topology, print: Print): Promise<number> {
  const { total, drills } = parsed(
    DrillsBody,
    await httpCall({ host: at.host, port: at.edge.api, path: '/api/drills', limitMs: CALL_MS }),
  );
  if (total === 0) print('no drill has been held yet');
  for (const { id, fault, target, verdict, summary } of drills) {
    const outage = summary.outage_ms;
    const ms = outage === null ? '' : `  p50 ${Math.round(outage.p50)} ms, max ${Math.round(outage.max)} ms`;
    print(`${id}  ${verdict.padEnd(7)}  ${fault} ${target}, ${summary.runs} runs${ms}`);
  }
  return 0;
}

async function show(at: Topology, id: string | undefined, json: boolean, print: Print): Promise<number> {
  if (id === undefined) throw new UsageError('drill show takes the id of a report; see: tier0 drill list');
  const answer = await httpCall({
    host: at.host,
    port: at.edge.api,
    path: `/api/drills/${encodeURIComponent(id)}`,
    limitMs: CALL_MS,
  });
  printOne(parsed(DrillReport, answer), json, print);
  return 0;
}
