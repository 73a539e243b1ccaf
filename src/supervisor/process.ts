/**
 * One supervised process: spawn, wait until it is ready, restart with backoff when it dies, stop on request.
 *
 *   waiting -> starting -> ready
 *      ^          |          |
 *      +--------- backoff <--+        stopping -> stopped
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import type { Account } from '../lib/account.ts';
import { type Backoff, RestartBackoff } from '../lib/backoff.ts';
import { after, monotonicMs, pause, untilAborted, wallMs } from '../lib/clock.ts';
import { holdsWithin } from '../lib/eventually.ts';
import { withPriority } from '../lib/priority.ts';
import { probe } from '../lib/probe.ts';
import { startTicks } from '../lib/process-table.ts';
import type { ProcessState, ProcessStatus } from '../lib/run-state.ts';
import { LogFile } from './log-file.ts';
import { type ProcessSpec, processDir } from './process-spec.ts';

const RESTART: Backoff = { firstMs: 100, maxMs: 5_000 };
const PROBE_EVERY_MS = 50;
const FIRST_PROBE_EVERY_MS = 500;

export type ProcessOptions = {
  readonly spec: ProcessSpec;
  readonly dataDir: string;
  readonly host: string;
  readonly account: Account | null;
  readonly onChange: (status: ProcessStatus) => void;
};

export class SupervisedProcess {
  readonly #options: ProcessOptions;
  readonly #log: LogFile;
  readonly #stop = new AbortController();
  #state: ProcessState = 'waiting';
  #child: ChildProcess | null = null;
  #exited: Promise<void> = Promise.resolve();
  #startedAtMs = 0;
  #restarts = 0;
  #loop: Promise<void> = Promise.resolve();

  constructor(options: ProcessOptions) {
    this.#options = options;
    const { group, name } = options.spec;
    this.#log = new LogFile(`${options.dataDir}/logs/${group}-${name}.log`, name, group);
  }

  get spec(): ProcessSpec {
    return this.#options.spec;
  }

  get status(): ProcessStatus {
    const pid = this.#child?.pid ?? null;
    return {
      name: this.spec.name,
      group: this.spec.group,
      state: this.#state,
      pid,
      startTicks: pid === null ? null : startTicks(pid),
      port: this.spec.ports[0] ?? null,
      startedAt: this.#startedAtMs === 0 ? null : new Date(this.#startedAtMs).toISOString(),
      restarts: this.#restarts,
    };
  }

  /** Starts the process and its restarts once `ready` of everything before it has resolved. */
  start(before: Promise<unknown>): Promise<void> {
    return new Promise((resolve) => {
      this.#loop = this.#run(before, resolve);
    });
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    const child = this.#child;
    if (child !== null) {
      this.#change('stopping');
      child.kill(this.spec.stopSignal);
      const cancel = after(this.spec.stopTimeoutMs, () => {
        this.#log.event('error', `did not stop within ${this.spec.stopTimeoutMs} ms; killing it`);
        child.kill('SIGKILL');
      });
      await this.#exited;
      cancel();
    }
    await this.#loop;
    this.#change('stopped');
    this.#log.close();
  }

  async #run(before: Promise<unknown>, firstReady: () => void): Promise<void> {
    await Promise.race([before, untilAborted(this.#stop.signal)]);
    await this.#waitForFirst();
    const restarts = new RestartBackoff(RESTART);
    while (!this.#stop.signal.aborted) {
      const startedMs = monotonicMs();
      this.#spawn();
      if (await this.#becomesReady()) {
        this.#change('ready');
        firstReady();
      }
      await this.#exited;
      if (this.#stop.signal.aborted) return;
      this.#restarts++;
      this.#change('backoff');
      await pause(restarts.delayMs(monotonicMs() - startedMs), this.#stop.signal);
    }
  }

  async #waitForFirst(): Promise<void> {
    const { host, spec } = this.#options;
    if (spec.firstAfter === undefined || existsSync(spec.firstAfter.unless)) return;
    const { probe: first } = spec.firstAfter;
    await holdsWithin(
      Number.POSITIVE_INFINITY,
      FIRST_PROBE_EVERY_MS,
      () => probe(host, first),
      this.#stop.signal,
    );
  }

  #spawn(): void {
    const { spec, dataDir, account } = this.#options;
    const cwd = processDir(dataDir, spec.group, spec.name);
    mkdirSync(cwd, { recursive: true });
    const dropped =
      account !== null && spec.account === 'service' ? { uid: account.uid, gid: account.gid } : {};
    const child = withPriority(spec.priority, () =>
      spawn(spec.command, spec.args, {
        cwd,
        env: { ...process.env, ...spec.env },
        stdio: ['ignore', 'pipe', 'pipe'],
        ...dropped,
      }),
    );
    this.#child = child;
    this.#startedAtMs = wallMs();
    child.stdout?.setEncoding('utf8').on('data', (chunk: string) => this.#log.write(chunk));
    child.stderr?.setEncoding('utf8').on('data', (chunk: string) => this.#log.write(chunk));
    this.#exited = new Promise((resolve) => {
      child.once('error', (error) => {
        this.#log.event('error', `cannot run ${spec.command}: ${error.message}`);
        this.#child = null;
        resolve();
      });
      child.once('close', (code, signal) => {
        const level = this.#stop.signal.aborted || code === 0 ? 'info' : 'warn';
        this.#log.event(level, `exited: ${signal === null ? `code ${code}` : `signal ${signal}`}`);
        this.#child = null;
        resolve();
      });
    });
    this.#change('starting');
  }

  /** False when the process exits, or we are stopped, before its probe succeeds. */
  async #becomesReady(): Promise<boolean> {
    let over = false;
    void this.#exited.then(() => {
      over = true;
    });
    while (!over && !this.#stop.signal.aborted) {
      if (await probe(this.#options.host, this.spec.ready)) return !over;
      await pause(PROBE_EVERY_MS, this.#stop.signal);
    }
    return false;
  }

  #change(state: ProcessState): void {
    this.#state = state;
    this.#options.onChange(this.status);
  }
}
