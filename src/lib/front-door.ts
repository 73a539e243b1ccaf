/** What nginx and the roles beside it agree on: the one that points it at a region, and the one that ships its log. */
import { join } from 'node:path';

/** While this file exists, the front door sends requests to region2 first; else to region1. */
export function leaderMarker(dataDir: string): string {
  return join(dataDir, 'edge', 'nginx', 'region2-leads');
}

/** One line a request; rotated by its supervisor. */
export function frontDoorLog(dataDir: string): string {
  return join(dataDir, 'logs', 'edge-access.log');
}

/** Where the simulated users' requests come from: the proxy they would share in the field. */
export const TRUSTED_PROXY_ADDRESS = '127.0.0.77';
