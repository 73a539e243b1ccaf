/** Drills one at a time: accepted or refused, carried out run by run, reported whatever happens. */
import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { availableParallelism, totalmem } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { wallMs } from '../../lib/clock.ts';
import type { CurrentDrill, DrillReport, DrillRequest, DrillRun } from '../../lib/control-schemas.ts';
import { OperatingError } from '../../lib/errors.ts';
import { PROJECT_DIR } from '../../lib/project.ts';
import { FAULTS } from './faults.ts';
import { summarise } from './report.ts';
import { describeFailure, type RunParts, runOnce } from './run.ts';
import { keepReport } from './store.ts';

const NO_REQUESTS = { sent: 0, acknowledged: 0, failed: 0, held: 0, worst_ms: 0 };
const TELEMETRY_PER_S = 1_000;

export class Drills {
  readonly #parts: Omit<RunParts, 'onProgress'>;
  readonly #simulatedFleet: boolean;
  #current: CurrentDrill = null;
  #running: Promise<void> = Promise.resolve();

  constructor(parts: Omit<RunParts, 'onProgress'>, simulatedFleet: boolean) {
    this.#parts = parts;
    this.#simulatedFleet = simulatedFleet;
  }

  get current(): CurrentDrill {
    return this.#current;
  }

  /** Begins a drill and gives its id. Throws OperatingError when one runs or the cluster is not strict. */
  begin(request: DrillRequest): string {
    if (this.#current !== null) {
      const message = `a drill runs already: ${this.#current.fault}, run ${this.#current.run} of ${this.#current.repeat}`;
      throw new OperatingError('conflict', message, message);
    }
    const { record } = this.#parts.watch.view;
    if (record?.phase !== 'serving' || record.mode !== 'strict') {
      const state =
        record === null ? 'not initialised' : `${record.mode}, ${record.phase} (${record.reason})`;
      const message = `a drill needs a cluster that is strict and serves; it is ${state}`;
      throw new OperatingError('conflict', message, message);
    }
    const id = `drill-${new Date(wallMs()).toISOString().replace(/[-:.]/g, '')}-${randomUUID().slice(0, 8)}`;
    this.#current = {
      id,
      fault: request.fault,
      target: request.target,
      run: 1,
      repeat: request.repeat,
      phase: 'preparing',
      message: 'waiting until both regions are whole',
      timeline: [],
      requests: NO_REQUESTS,
    };
    this.#running = this.#carryOut(id, request);
    return id;
  }

  /** Resolves when the drill that runs has ended, as it does soon after the parts' signal aborts. */
  ended(): Promise<void> {
    return this.#running;
  }

  async #carryOut(id: string, request: DrillRequest): Promise<void> {
    const { log, pool } = this.#parts;
    const startedAt = new Date(wallMs()).toISOString();
    const telemetryPerS = request.telemetry_per_s ?? (this.#simulatedFleet ? TELEMETRY_PER_S : 0);
    const runs: DrillRun[] = [];
    let badSeconds = 0;
    let aborted: string | null = null;
    try {
      for (let number = 1; number <= request.repeat; number++) {
        this.#progress({ run: number, phase: 'preparing', message: 'waiting until both regions are whole' });
        const onProgress = (progress: Partial<NonNullable<CurrentDrill>>): void => this.#progress(progress);
        const result = await runOnce(request, `${id}-${number}`, number, telemetryPerS, {
          ...this.#parts,
          onProgress,
        });
        runs.push(result.run);
        badSeconds += result.badSeconds;
      }
    } catch (error) {
      aborted = describeFailure(error);
      log.warn({ failure: aborted }, 'drill ended early');
    }
    const complaint = aborted ?? runs.find((run) => run.complaint !== null)?.complaint ?? null;
    const report: DrillReport = {
      id,
      fault: request.fault,
      target: request.target,
      hypothesis: request.hypothesis ?? hypothesisOf(request),
      verdict: aborted === null ? (complaint === null ? 'passed' : 'failed') : 'aborted',
      complaint,
      started_at: startedAt,
      finished_at: new Date(wallMs()).toISOString(),
      load: { writes_per_s: request.writes_per_s, telemetry_per_s: telemetryPerS },
      build: await buildOf(),
      machine: {
        cpus: availableParallelism(),
        memory_bytes: totalmem(),
        platform: `${process.platform} ${process.arch}`,
      },
      summary: summarise(runs, badSeconds),
      runs,
    };
    try {
      await keepReport(pool, report);
    } catch (error) {
      log.error({ failure: describeFailure(error), report }, 'the report could not be kept');
    }
    this.#current = null;
  }

  #progress(progress: Partial<NonNullable<CurrentDrill>>): void {
    if (this.#current !== null) this.#current = { ...this.#current, ...progress };
  }
}

function hypothesisOf(request: DrillRequest): string {
  const fault = FAULTS[request.fault];
  const region = request.target === 'leader' ? 'the leading region' : request.target;
  const then =
    fault.takeover && request.target !== 'standby'
      ? 'the other region leads within a second or two'
      : 'the leader stays';
  return `When ${fault.says(region)}, ${then}, no acknowledged write is lost or doubled, and no request fails.`;
}

async function buildOf(): Promise<DrillReport['build']> {
  const manifest: { version: string } = JSON.parse(readFileSync(join(PROJECT_DIR, 'package.json'), 'utf8'));
  const commit = await promisify(execFile)('git', ['-C', PROJECT_DIR, 'rev-parse', '--short', 'HEAD']).then(
    ({ stdout }) => stdout.trim(),
    // A copy without its repository, or no git: the version alone must do.
    () => null,
  );
  return { version: manifest.version, commit, node: process.version };
}
