/** One run of a drill: load, fault, what follows, the ledger. */
import { pause, wallMs } from '../../lib/clock.ts';
import type { ClusterRecord, ClusterWatch } from '../../lib/cluster.ts';
import type { CurrentDrill, DrillRequest, DrillRun } from '../../lib/control-schemas.ts';
import { describeError, OperatingError } from '../../lib/errors.ts';
import { holdsWithin } from '../../lib/eventually.ts';
import type { LeaderPool } from '../../lib/leader-pool.ts';
import type { Log } from '../../lib/log.ts';
import {
  type DataRegion,
  isDataRegion,
  MEMBERS,
  type Member,
  peerOf,
  type Topology,
} from '../../lib/topology.ts';
import type { Routes } from '../routes.ts';
import { etcdLeader } from './etcd-leader.ts';
import { FAULTS, isWhole, resolveTarget, signalAll, victimsOf } from './faults.ts';
import { complaintOf } from './report.ts';
import { SoloTime } from './solo-time.ts';
import { telemetryLedger, writeLedger } from './store.ts';
import { requestSwitchover } from './switchover.ts';
import { Telemetry } from './telemetry.ts';
import { Timeline } from './timeline.ts';
import { Writers } from './writers.ts';

/** The load goes for this long before the fault, and after the service is back. */
const BEFORE_MS = 1_000;
const AFTER_MS = 1_000;
const POLL_MS = 20;
const MOVED_LIMIT_MS = 30_000;
const STRICT_LIMIT_MS = 180_000;
const DRAIN_LIMIT_MS = 20_000;

export type RunParts = {
  readonly dataDir: string;
  readonly topology: Topology;
  readonly watch: ClusterWatch;
  readonly pool: LeaderPool;
  readonly routes: Routes;
  readonly log: Log;
  readonly signal: AbortSignal;
  readonly onProgress: (progress: Partial<NonNullable<CurrentDrill>>) => void;
};

export type RunResult = { readonly run: DrillRun; readonly badSeconds: number };

function refuse(message: string): OperatingError {
  return new OperatingError('conflict', message, message);
}

/** Polls until `holds`. Throws OperatingError after `limitMs`, or when the drill is to end. */
async function until(what: string, limitMs: number, parts: RunParts, holds: () => boolean): Promise<void> {
  if (await holdsWithin(limitMs, POLL_MS, holds, parts.signal)) return;
  throw refuse(parts.signal.aborted ? 'the drill was stopped' : `not within ${limitMs / 1_000} s: ${what}`);
}

function servingStrict({ watch, dataDir }: RunParts): boolean {
  const { record } = watch.view;
  const strict = record?.mode === 'strict' && record.phase === 'serving';
  return strict && MEMBERS.every((member) => isWhole(dataDir, member));
}

/** Resolves once both regions and the witness are whole and the record says strict. */
function untilStrict(parts: RunParts): Promise<void> {
  return until('both regions are whole and strict', STRICT_LIMIT_MS, parts, () => servingStrict(parts));
}

/** What is broken: the region that leadership may leave, and the member whose processes are hit. */
async function aimOf(request: DrillRequest, leader: DataRegion, parts: RunParts): Promise<Member> {
  if (request.fault === 'kill-witness') return 'witness';
  if (request.fault === 'kill-etcd-leader') return etcdLeader(parts.topology);
  if (request.fault === 'switchover') return leader;
  return resolveTarget(request.target, leader, peerOf(leader));
}

type Load = { readonly writers: Writers; readonly telemetry: Telemetry | null };

function startLoad(request: DrillRequest, name: string, telemetryPerS: number, parts: RunParts): Load {
  const { topology, log } = parts;
  const writers = new Writers({ host: topology.host, port: topology.edge.api, writer: name });
  const telemetry = telemetryPerS === 0 ? null : new Telemetry({ topology, name, log });
  writers.start(request.writes_per_s);
  telemetry?.start(telemetryPerS);
  return { writers, telemetry };
}

/** Breaks `aim`; resolves when the fault is over (a frozen region continues, a switchover has answered). */
async function breakIt(
  request: DrillRequest,
  aim: Member,
  leader: DataRegion,
  timeline: (faultMs: number) => Timeline,
  parts: RunParts,
): Promise<Timeline> {
  const { signal } = FAULTS[request.fault];
  if (signal === null) {
    const line = timeline(wallMs());
    await requestSwitchover(peerOf(leader), parts.topology);
    return line;
  }
  const victims = victimsOf(request.fault, parts.dataDir, aim);
  signalAll(victims, signal);
  const line = timeline(wallMs());
  if (signal !== 'SIGSTOP') return line;
  try {
    await pause(request.freeze_s * 1_000, parts.signal);
  } finally {
    signalAll(victims, 'SIGCONT');
    line.note('healed', wallMs());
  }
  return line;
}

/** One run, with `name` as the identity of its writes. Throws OperatingError when it cannot be carried out. */
export async function runOnce(
  request: DrillRequest,
  name: string,
  number: number,
  telemetryPerS: number,
  parts: RunParts,
): Promise<RunResult> {
  await untilStrict(parts);
  const before = parts.watch.view.record;
  if (before === null) throw refuse('there is no cluster record');
  const aim = await aimOf(request, before.leader, parts);
  const load = startLoad(request, name, telemetryPerS, parts);
  const solo = new SoloTime();
  let timeline: Timeline | null = null;
  const follow = (): void => {
    const { record } = parts.watch.view;
    if (record === null || timeline === null) return;
    solo.look(record);
    if (record.operation !== undefined && record.epoch > before.epoch) timeline.takeMarks(record);
    else if (record.phase === 'handing_over') timeline.takeMarks(record);
    const route = parts.routes.current;
    if (route !== null && route.epoch > before.epoch) timeline.note('routed', route.sinceMs);
    if (record.mode === 'strict' && record.epoch > before.epoch) timeline.note('strict', wallMs());
    parts.onProgress({ timeline: timeline.steps, requests: { ...load.writers.counts } });
  };
  const unfollow = parts.watch.onChange(follow);
  try {
    await until(
      'the load is acknowledged',
      MOVED_LIMIT_MS,
      parts,
      () => load.writers.acknowledged.length > 0,
    );
    await pause(BEFORE_MS, parts.signal);
    parts.onProgress({ phase: 'broken', message: FAULTS[request.fault].says(aim) });
    const begun = breakIt(
      request,
      aim,
      before.leader,
      (faultMs) => {
        timeline = new Timeline(faultMs);
        return timeline;
      },
      parts,
    );
    const line = await settle(request, aim, before, begun, load, parts, follow);
    return await finish({ request, aim, number, before, line, load, solo, parts });
  } finally {
    unfollow();
    await Promise.all([load.writers.stop(0), load.telemetry?.stop(0)]);
  }
}

function movesLeader(request: DrillRequest, aim: Member, before: ClusterRecord): boolean {
  return FAULTS[request.fault].takeover && aim === before.leader;
}

/** Waits until the service is whole again; gives the timeline with the client's first success. */
async function settle(
  request: DrillRequest,
  aim: Member,
  before: ClusterRecord,
  begun: Promise<Timeline>,
  load: Load,
  parts: RunParts,
  follow: () => void,
): Promise<Timeline> {
  const { watch } = parts;
  const moves = movesLeader(request, aim, before);
  // A fault that cannot be brought about fails the run before anything is waited for.
  const broken = begun.catch((error: unknown) => error);
  if (moves) {
    const moved = (): boolean => {
      const { record } = watch.view;
      return record !== null && record.epoch > before.epoch && record.phase === 'serving';
    };
    await until('the other region leads', MOVED_LIMIT_MS + request.freeze_s * 1_000, parts, moved);
  }
  const line = await broken;
  if (!(line instanceof Timeline)) throw line;
  follow();
  const floorMs = moves ? (line.at('recorded') ?? 0) : 0;
  const faultMs = line.at('fault') ?? 0;
  await until('a write is acknowledged', MOVED_LIMIT_MS, parts, () => {
    return load.writers.firstAfter(faultMs, floorMs) !== null;
  });
  const lastMs = request.fault === 'switchover' ? load.writers.lastBefore(floorMs) : null;
  if (lastMs !== null && lastMs > faultMs) line.note('last_write_before', lastMs);
  line.note('first_good_write', load.writers.firstAfter(faultMs, floorMs)?.ackedMs ?? faultMs);
  if (load.telemetry !== null) {
    const { telemetry } = load;
    await until('a reading is acknowledged', MOVED_LIMIT_MS, parts, () => {
      return telemetry.firstAfter(faultMs, floorMs) !== null;
    });
    line.note('first_telemetry', telemetry.firstAfter(faultMs, floorMs) ?? faultMs);
  }
  parts.onProgress({ phase: 'healing', message: 'the service is back; waiting for both regions' });
  await pause(AFTER_MS, parts.signal);
  await untilStrict(parts);
  line.note('strict', wallMs());
  follow();
  return line;
}

type Finished = {
  readonly request: DrillRequest;
  readonly aim: Member;
  readonly number: number;
  readonly before: ClusterRecord;
  readonly line: Timeline;
  readonly load: Load;
  readonly solo: SoloTime;
  readonly parts: RunParts;
};

/** Ends the load and compares what was acknowledged with what is stored. */
async function finish({
  request,
  aim,
  number,
  before,
  line,
  load,
  solo,
  parts,
}: Finished): Promise<RunResult> {
  const { pool, watch, log } = parts;
  const { writers, telemetry } = load;
  parts.onProgress({ phase: 'checking', message: 'comparing what was acknowledged with what is stored' });
  const [drained] = await Promise.all([writers.stop(DRAIN_LIMIT_MS), telemetry?.stop(DRAIN_LIMIT_MS)]);
  if (!drained) log.warn({ outstanding: writers.outstanding }, 'writes are still without an answer');
  const acknowledged = new Set(writers.acknowledged.map(({ seq }) => seq));
  const after = watch.view.record ?? before;
  const faultMs = line.at('fault') ?? 0;
  const since = (step: string): number | null => {
    const atMs = line.at(step);
    return atMs === null ? null : Math.round((atMs - faultMs) * 10) / 10;
  };
  const healedMs = line.at('healed') ?? faultMs;
  const strictMs = line.at('strict');
  // Until a planned move holds writes, they are served as before.
  const pausedMs = line.at('last_write_before') ?? faultMs;
  const goodMs = line.at('first_good_write') ?? pausedMs;
  const run = {
    run: number,
    target: isDataRegion(aim) ? aim : null,
    leader_before: before.leader,
    leader_after: after.leader,
    epoch_before: before.epoch,
    epoch_after: after.epoch,
    timeline: line.steps,
    outage_ms: Math.round((goodMs - pausedMs) * 10) / 10,
    telemetry_outage_ms: since('first_telemetry'),
    solo_ms: Math.round(solo.end()),
    rejoin_ms: strictMs === null ? null : Math.round(strictMs - healedMs),
    requests: { ...writers.counts },
    writes: await writeLedger(pool, writers.writer, acknowledged),
    telemetry: telemetry === null ? null : await telemetryLedger(pool, telemetry.acknowledged),
  };
  const failure = writers.failure === null ? '' : ` (first: ${writers.failure})`;
  const complaint = complaintOf(run, movesLeader(request, aim, before));
  log.info({ outageMs: run.outage_ms, complaint: complaint ?? undefined }, 'drill run');
  return {
    run: { ...run, complaint: complaint === null ? null : `${complaint}${failure}` },
    badSeconds: writers.badSeconds.size,
  };
}

export const describeFailure = (error: unknown): string =>
  error instanceof OperatingError ? error.publicMessage : describeError(error);
