/** Whether something answers on a port, in one attempt of at most a second. */
import { get } from 'node:http';
import { connect } from 'node:net';

export type Probe =
  | { readonly kind: 'tcp'; readonly port: number }
  | { readonly kind: 'http'; readonly port: number; readonly path: string };

/** One attempt of a readiness probe, answered within a second. */
export function probe(host: string, check: Probe): Promise<boolean> {
  return new Promise((resolve) => {
    if (check.kind === 'tcp') {
      const socket = connect({ host, port: check.port, timeout: 1_000 });
      const finish = (ok: boolean): void => {
        socket.destroy();
        resolve(ok);
      };
      socket.once('connect', () => finish(true));
      socket.once('error', () => finish(false));
      socket.once('timeout', () => finish(false));
      return;
    }
    const request = get(
      { host, port: check.port, path: check.path, timeout: 1_000, agent: false },
      (response) => {
        response.resume();
        resolve(response.statusCode === 200);
      },
    );
    request.once('timeout', () => request.destroy(new Error('probe timed out')));
    request.once('error', () => resolve(false));
  });
}
