/** The same cases as drills of a running Tier-0 instance, asked for over its control port. */
import { Type } from 'typebox';
import { CurrentDrill, DrillReport } from '../../src/lib/control-schemas.ts';
import { eventually } from '../../src/lib/eventually.ts';
import { topology } from '../../src/lib/topology.ts';
import type { InstanceOptions } from '../../src/supervisor/config.ts';
import { call, controlUrl } from '../control.ts';
import type { CaseName } from './drive.ts';
import type { Ours } from './report.ts';

const POLL_MS = 500;
/** A run of a drill takes about ten seconds, most of it until both regions are whole again. */
const RUN_LIMIT_MS = 180_000;
const WRITES_PER_S = 200;

const FAULTS = { node: 'kill', postgres: 'kill-postgres', switchover: 'switchover' } as const;
const Begun = Type.Object({ id: Type.String() });

/** Throws when a drill cannot be had; one that ran and failed is reported with its complaint. */
export async function drillCases(
  instance: InstanceOptions,
  cases: readonly CaseName[],
  runs: number,
  print: (line: string) => void,
  signal: AbortSignal,
): Promise<Ours[]> {
  const results: Ours[] = [];
  for (const name of cases) {
    const ours = fromReport(name, await drill(instance.portOffset, name, runs, signal));
    print(`Tier-0 ${name}: ${ours.runs} runs, median ${(ours.medianMs / 1_000).toFixed(2)} s`);
    results.push(ours);
  }
  return results;
}

/** Figures that are missing because no run was carried out are NaN. */
export function fromReport(name: CaseName, { summary, verdict, complaint }: DrillReport): Ours {
  const { min, p50, max } = summary.outage_ms ?? { min: Number.NaN, p50: Number.NaN, max: Number.NaN };
  return {
    case: name,
    runs: summary.runs,
    minMs: min,
    medianMs: p50,
    maxMs: max,
    lost: summary.writes.lost,
    duplicated: summary.writes.duplicated,
    complaint: verdict === 'passed' ? null : (complaint ?? verdict),
  };
}

async function drill(
  portOffset: number,
  name: CaseName,
  repeat: number,
  signal: AbortSignal,
): Promise<DrillReport> {
  const request = { fault: FAULTS[name], repeat, target: 'leader', writes_per_s: WRITES_PER_S };
  const { id } = await call(Begun, controlUrl(portOffset, '/drills'), signal, request);
  // While the front door moves to the other region a question may fail; only the drill's end counts.
  const ended = async (): Promise<DrillReport> => {
    const current = await call(CurrentDrill, controlUrl(portOffset, '/drills/current'), signal);
    if (current === null || current.id !== id) return await report(portOffset, id, signal);
    throw new Error(`run ${current.run} of ${current.repeat}: ${current.message}`);
  };
  const what = `Tier-0's drill ${id} has ended`;
  return await eventually(what, repeat * RUN_LIMIT_MS, ended, { everyMs: POLL_MS, signal });
}

async function report(portOffset: number, id: string, signal: AbortSignal): Promise<DrillReport> {
  const { host, edge } = topology(portOffset);
  return await call(DrillReport, `http://${host}:${edge.api}/api/drills/${encodeURIComponent(id)}`, signal);
}
