/**
 * Ends connections that somebody else holds to a region which is silent. A frozen region, or one behind a cut, neither
 * answers nor closes; a request that stands in it would wait for a timeout, and a timeout short enough to help there
 * would send requests twice whenever the service is only slow.
 */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const LIMIT_MS = 2_000;
const run = promisify(execFile);

/**
 * Aborts every TCP connection of this machine to that port, as sock_diag(7) lets the administrator do: the client sees
 * ECONNABORTED at once. Throws when the kernel or our rights do not allow it.
 */
export async function cutConnections(host: string, port: number): Promise<void> {
  const filter = ['state', 'established', 'dst', host, 'dport', '=', `:${port}`];
  const { stderr } = await run('ss', ['--kill', '--tcp', '--numeric', '--no-header', ...filter], {
    timeout: LIMIT_MS,
  });
  if (stderr !== '') throw new Error(stderr.trim());
}
