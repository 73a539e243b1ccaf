/** Free ports for the measured cluster, away from those of Tier-0's instances and tests. */
import { createServer, type Server } from 'node:net';
import { HOST, PORTS_PER_CLUSTER, type Ports, portsFrom } from './settings.ts';

/** Tests use what lies below 13,000 and from 27,000; outgoing connections use ports from 32,768. */
const FIRST = 17_000;
const LAST = 18_980;
const STEP = 20;

export type Claim = { readonly ports: Ports; release(): Promise<void> };

/** The base port is held, which claims the block for this run. Throws when no block is free. */
export async function claimPorts(): Promise<Claim> {
  for (let base = FIRST; base <= LAST; base += STEP) {
    const held = await listen(base);
    if (held === null) continue;
    if (await allFree(base)) return { ports: portsFrom(base), release: () => close(held) };
    await close(held);
  }
  throw new Error(`no ${PORTS_PER_CLUSTER} ports in a row are free from ${FIRST} to ${LAST}`);
}

async function allFree(base: number): Promise<boolean> {
  for (let port = base + 1; port <= base + PORTS_PER_CLUSTER; port++) {
    const server = await listen(port);
    if (server === null) return false;
    await close(server);
  }
  return true;
}

function listen(port: number): Promise<Server | null> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(null));
    server.listen(port, HOST, () => {
      server.unref();
      resolve(server);
    });
  });
}

const close = (server: Server): Promise<void> =>
  new Promise((resolve) => {
    server.close(() => resolve());
  });
