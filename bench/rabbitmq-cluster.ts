/** A cluster of RabbitMQ by itself, as the product starts it, but for what is said about Erlang's machine. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeQueues } from '../src/control/queues.ts';
import { sleep } from '../src/lib/clock.ts';
import { createLog } from '../src/lib/log.ts';
import { probe } from '../src/lib/probe.ts';
import { connectRabbitmq } from '../src/lib/rabbitmq.ts';
import { MEMBERS, type Topology, topology } from '../src/lib/topology.ts';
import { findPrograms } from '../src/supervisor/config.ts';
import { rabbitmqEnv, rabbitmqFiles, SEED } from '../src/supervisor/rabbitmq-config.ts';

const SECRETS = { password: 'bench', cookie: 'TIER0BENCH' };
const START_MS = 60_000;
const STOP_MS = 15_000;
const POLL_MS = 200;
const NODE_ARGS = 'RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS';

export class RabbitmqCluster {
  readonly ports: Topology;
  readonly password = SECRETS.password;
  readonly #dir = mkdtempSync(join(tmpdir(), 'tier0-bench-rabbitmq-'));
  readonly #processes = new Map<string, ChildProcess>();

  /** `offset`: of all ports, like an instance's. */
  constructor(offset: number) {
    this.ports = topology(offset);
  }

  /** The processes of its nodes. */
  get pids(): number[] {
    return MEMBERS.map((member) => this.#processes.get(member)?.pid ?? 0);
  }

  /**
   * Resolves when the queues are made. `erlang`: behind the product's arguments; of those that are there twice the last
   * counts.
   */
  async start(erlang: string, signal: AbortSignal): Promise<void> {
    const { host, edge } = this.ports;
    const { epmd, rabbitmqServer, rabbitmqctl } = findPrograms(false);
    this.#spawn('epmd', epmd, ['-port', String(edge.epmd), '-address', host], {});
    await this.#listening('epmd', edge.epmd, signal);
    for (const member of [SEED, ...MEMBERS.filter((name) => name !== SEED)]) {
      const dir = join(this.#dir, member, 'rabbitmq');
      mkdirSync(dir, { recursive: true });
      for (const { file, text } of rabbitmqFiles(this.ports, member, SECRETS, false))
        writeFileSync(join(dir, file), text, { mode: 0o600 });
      const env = rabbitmqEnv(this.ports, member, dir);
      env[NODE_ARGS] = `${env[NODE_ARGS]} ${erlang}`;
      this.#spawn(member, rabbitmqServer, ['-noinput'], env);
      await this.#listening(member, this.ports[member].rabbitmq, signal);
    }
    const log = createLog('bench', SEED);
    log.level = 'warn';
    const connection = connectRabbitmq({
      topology: this.ports,
      nearest: SEED,
      password: this.password,
      name: 'bench',
      log,
    });
    try {
      const until = AbortSignal.any([signal, AbortSignal.timeout(START_MS)]);
      await makeQueues({
        connection,
        topology: this.ports,
        dataDir: this.#dir,
        rabbitmqctl,
        signal: until,
        log,
      });
      until.throwIfAborted();
    } finally {
      await connection.close();
    }
  }

  async stop(): Promise<void> {
    const nodes = [...this.#processes].filter(([name]) => name !== 'epmd').map(([, child]) => child);
    await Promise.all(nodes.map(end));
    await Promise.all([...this.#processes.values()].map(end));
    rmSync(this.#dir, { recursive: true, force: true });
  }

  #spawn(name: string, command: string, args: readonly string[], env: Record<string, string>): void {
    const child = spawn(command, args, {
      cwd: this.#dir,
      env: { PATH: process.env.PATH, ...env },
      stdio: 'ignore',
    });
    child.on('error', () => {});
    this.#processes.set(name, child);
  }

  async #listening(name: string, port: number, signal: AbortSignal): Promise<void> {
    const tooLate = AbortSignal.timeout(START_MS);
    while (!(await probe(this.ports.host, { kind: 'tcp', port }))) {
      if (this.#processes.get(name)?.exitCode !== null)
        throw new Error(`${name} has ended; is a port taken?`);
      if (tooLate.aborted) throw new Error(`${name} does not listen on ${port}`);
      await sleep(POLL_MS, signal);
    }
  }
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
  const exited = once(child, 'exit');
  child.kill('SIGTERM');
  const kill = AbortSignal.timeout(STOP_MS);
  kill.addEventListener('abort', () => child.kill('SIGKILL'));
  await exited;
}
