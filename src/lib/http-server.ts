/** What our small HTTP servers share: bodies with a bound, and a lifetime. */
import type { IncomingMessage, Server } from 'node:http';
import type { Lifecycle } from './lifecycle.ts';

/** The body as JSON; undefined for none. Throws what is wrong with it, also when it is larger than `maxBytes`. */
export async function readJson(request: IncomingMessage, maxBytes: number): Promise<unknown> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request) {
    if (!Buffer.isBuffer(chunk)) throw new Error('the body is not binary');
    bytes += chunk.length;
    if (bytes > maxBytes) throw new Error(`the body is larger than ${maxBytes} bytes`);
    chunks.push(chunk);
  }
  return bytes === 0 ? undefined : JSON.parse(Buffer.concat(chunks).toString('utf8'));
}

/**
 * Connections that may wait to be accepted. With Node's 511, held requests overflowed it when the processors were
 * busy, and the kernel dropped the rest.
 */
export const ACCEPT_BACKLOG = 4_096;

/** Resolves once the server listens; it is closed, with its connections, as `name` of the lifecycle. */
export async function listen(
  lifecycle: Lifecycle,
  name: string,
  server: Server,
  host: string,
  port: number,
): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen({ port, host, backlog: ACCEPT_BACKLOG }, resolve);
  });
  lifecycle.onClose(name, () => {
    server.closeAllConnections();
    server.close();
  });
}
