/** What nginx and the role that points it at a region agree on. */
import { join } from 'node:path';

/** While this file exists, the front door sends requests to region2 first; else to region1. */
export function leaderMarker(dataDir: string): string {
  return join(dataDir, 'edge', 'nginx', 'region2-leads');
}
