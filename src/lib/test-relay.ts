/** Stands between a test's client and its server, and cuts a connection at the chunk the test names. */
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

const HOST = '127.0.0.1';

/** Whether to cut the connection instead of passing this chunk on. */
export type CutRule = (from: 'client' | 'server', text: string) => boolean;

export class TestRelay {
  readonly #server: Server;
  readonly #target: number;
  readonly #sockets = new Set<Socket>();
  readonly #servers = new Map<Socket, Socket>();
  readonly #abandoned = new Set<Socket>();
  #rule: CutRule | null = null;
  #frozen = false;
  cuts = 0;
  /** Taken so far. */
  connections = 0;

  constructor(target: number) {
    this.#target = target;
    this.#server = createServer((socket) => this.#join(socket));
  }

  /** Returns the port; 0 takes a free one. */
  async listen(port = 0): Promise<number> {
    this.#server.listen(port, HOST);
    await once(this.#server, 'listening');
    return (this.#server.address() as AddressInfo).port;
  }

  /** The rule holds until it has cut once. */
  cutOnce(rule: CutRule): void {
    this.#rule = rule;
  }

  /** Ends the clients' halves and leaves the servers' open, as when the clients' machine has gone silently. */
  abandonClients(): void {
    for (const [client, server] of this.#servers) {
      if (client.destroyed) continue;
      this.#abandoned.add(server);
      client.destroy();
    }
  }

  /** From now on connections are accepted and nothing is passed on or closed, as by a stopped process. */
  freeze(): void {
    this.#frozen = true;
  }

  async close(): Promise<void> {
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
    await once(this.#server, 'close');
  }

  #join(client: Socket): void {
    this.connections++;
    const server = connect(this.#target, HOST);
    const pipe = (from: 'client' | 'server', source: Socket, target: Socket): void => {
      this.#sockets.add(source);
      source.on('data', (chunk: Buffer) => {
        if (this.#frozen) return;
        const rule = this.#rule;
        if (rule === null || !rule(from, chunk.toString('latin1'))) {
          target.write(chunk);
          return;
        }
        if (this.#rule === rule) this.#rule = null;
        this.cuts++;
        source.destroy();
      });
      // A broken connection reports its end by 'close', which passes it on.
      source.on('error', () => {});
      source.on('close', () => {
        this.#sockets.delete(source);
        if (!this.#abandoned.has(target) && !this.#frozen) target.destroy();
      });
    };
    this.#servers.set(client, server);
    pipe('client', client, server);
    pipe('server', server, client);
  }
}
