/**
 * Makes the queues, once for an instance. A quorum queue lives on the nodes that are in the cluster when it is made, so
 * this waits until all of them are in one: their ports alone do not say so.
 */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Connection } from 'rabbitmq-client';
import { pause } from '../lib/clock.ts';
import { describeError } from '../lib/errors.ts';
import type { Log } from '../lib/log.ts';
import { declareQueues, queuesExist, rabbitmqNode } from '../lib/rabbitmq.ts';
import { MEMBERS, type Topology } from '../lib/topology.ts';

const RETRY_MS = 2_000;
const COMMAND_MS = 30_000;
const run = promisify(execFile);

export type QueuesOptions = {
  readonly connection: Connection;
  readonly topology: Topology;
  readonly dataDir: string;
  /** Path of rabbitmqctl. */
  readonly rabbitmqctl: string;
  readonly signal: AbortSignal;
  readonly log: Log;
};

/** Resolves when the queues are there, or the signal aborts. */
export async function makeQueues(options: QueuesOptions): Promise<void> {
  const { connection, signal, log } = options;
  let told = -1;
  do {
    try {
      if (!connection.ready) continue;
      if (await queuesExist(connection)) return;
      const nodes = await runningNodes(options);
      if (nodes < MEMBERS.length) {
        if (nodes !== told) log.info({ nodes }, 'the queues wait for all nodes to be in one cluster');
        told = nodes;
        continue;
      }
      const channel = await connection.acquire();
      await declareQueues(channel);
      await channel.close();
      log.info({ nodes }, 'the queues are made');
      return;
    } catch (error) {
      if (!signal.aborted) log.warn({ failure: describeError(error) }, 'the queues cannot be made yet');
    }
  } while (await pause(RETRY_MS, signal));
}

/** Nodes of the cluster that run, as the first of them sees it. */
async function runningNodes({ topology, dataDir, rabbitmqctl, signal }: QueuesOptions): Promise<number> {
  const [seed] = MEMBERS;
  const args = ['-n', rabbitmqNode(topology, seed), '--longnames', '--silent', 'eval'];
  const { stdout } = await run(rabbitmqctl, [...args, 'length(rabbit_mnesia:cluster_nodes(running)).'], {
    env: {
      PATH: '/usr/sbin:/usr/bin:/sbin:/bin',
      LANG: 'C.UTF-8',
      // Where the node's cookie is.
      HOME: join(dataDir, seed, 'rabbitmq'),
      RABBITMQ_CONF_ENV_FILE: '/dev/null',
      ERL_EPMD_PORT: String(topology.edge.epmd),
      ERL_ZFLAGS: '-start_epmd false',
    },
    timeout: COMMAND_MS,
    signal,
  });
  return Number(stdout.trim());
}
