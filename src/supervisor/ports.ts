/** Checks before a start that nobody else listens on our ports, and says who does. */
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { createServer } from 'node:net';
import { describeError } from '../lib/errors.ts';
import type { DataRegionPorts, Topology } from '../lib/topology.ts';
import type { ProcessSpec } from './process-spec.ts';

type Wanted = { readonly port: number; readonly what: string };

/** Every port the plan needs, PostgreSQL's included. */
export function wantedPorts(specs: readonly ProcessSpec[], topology: Topology): Wanted[] {
  const database = (region: string, ports: DataRegionPorts): Wanted => ({
    port: ports.postgres,
    what: `${region} postgres`,
  });
  return [
    ...specs.flatMap((spec) => spec.ports.map((port) => ({ port, what: `${spec.group} ${spec.name}` }))),
    database('region1', topology.region1),
    database('region2', topology.region2),
  ];
}

/** One line per port that is taken. */
export async function takenPorts(host: string, wanted: readonly Wanted[]): Promise<string[]> {
  const complaints: string[] = [];
  for (const { port, what } of wanted) {
    const failure = await bindFailure(host, port);
    if (failure !== null) complaints.push(`port ${port} (${what}): ${failure}${holderOf(port)}`);
  }
  return complaints;
}

function bindFailure(host: string, port: number): Promise<string | null> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', (error) => {
      resolve('code' in error && error.code === 'EADDRINUSE' ? 'already in use' : describeError(error));
    });
    server.listen(port, host, () => server.close(() => resolve(null)));
  });
}

/** " by pid N (name)" from /proc when we may see it, else an empty text. */
function holderOf(port: number): string {
  const hex = port.toString(16).toUpperCase().padStart(4, '0');
  const listening = readFileSync('/proc/net/tcp', 'utf8')
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .find((fields) => fields[1]?.endsWith(`:${hex}`) && fields[3] === '0A');
  const inode = listening?.[9];
  if (inode === undefined) return '';
  for (const pid of readdirSync('/proc').filter((entry) => /^\d+$/.test(entry))) {
    try {
      const holds = readdirSync(`/proc/${pid}/fd`).some(
        (fd) => readlinkSync(`/proc/${pid}/fd/${fd}`) === `socket:[${inode}]`,
      );
      if (holds) return ` by pid ${pid} (${readFileSync(`/proc/${pid}/comm`, 'utf8').trim()})`;
    } catch {
      // The process ended while we looked, or is another user's: it cannot be named.
    }
  }
  return '';
}
