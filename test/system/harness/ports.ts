/** A free port offset for a system under test, also beside other test runs that look for one at this moment. */
import { createServer, type Server } from 'node:net';
import { badPort, type Topology, topology } from '../../../src/lib/topology.ts';

const STEP = 100;
const FIRST = 1_000;
/** Beyond it, the highest port would fall among those that outgoing connections use. */
const LAST = 4_900;
/** No process of ours listens on this port; holding it claims the offset for this test run. */
const CLAIM_PORT = 8_099;

export type Claim = { readonly offset: number; release(): Promise<void> };

function listen(port: number): Promise<Server | null> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(null));
    server.listen(port, '127.0.0.1', () => resolve(server));
  });
}

const close = (server: Server): Promise<void> =>
  new Promise((resolve) => {
    server.close(() => resolve());
  });

async function isFree(port: number): Promise<boolean> {
  const server = await listen(port);
  if (server === null) return false;
  await close(server);
  return true;
}

/** Every port of an instance. */
function portsOf({ region1, region2, witness, edge, simulator }: Topology): number[] {
  return [region1, region2, witness, edge, simulator].flatMap((group) => Object.values(group));
}

async function tryClaim(offset: number): Promise<Claim | null> {
  if (badPort(offset) !== null) return null;
  const held = await listen(CLAIM_PORT + offset);
  if (held === null) return null;
  held.unref();
  for (const port of portsOf(topology(offset))) {
    if (await isFree(port)) continue;
    await close(held);
    return null;
  }
  return { offset, release: () => close(held) };
}

/** Holds a port offset whose ports are all free, and none refused by browsers. Throws when there is none. */
export async function claimOffset(): Promise<Claim> {
  const count = (LAST - FIRST) / STEP + 1;
  const start = process.pid % count;
  for (let tried = 0; tried < count; tried++) {
    const claim = await tryClaim(FIRST + STEP * ((start + tried) % count));
    if (claim !== null) return claim;
  }
  throw new Error(`no port offset from ${FIRST} to ${LAST} has all its ports free`);
}
