/**
 * The MQTT server of a region: accepts publishers, hands their messages on, holds no state of its own.
 *
 * Not built on aedes: its packet objects and per-packet callbacks were the limit, see docs/adr/0003.
 */
import { createServer, type Server } from 'node:net';
import { ACCEPT_BACKLOG } from '../lib/http-server.ts';
import type { Log } from '../lib/log.ts';
import { Connection, type ConnectionEvents } from './connection.ts';

export type MqttServerOptions = {
  readonly host: string;
  readonly port: number;
  readonly connectionsMax: number;
  readonly packetMaxBytes: number;
  /** MQTT 5 only: unacknowledged messages a client may have under way. */
  readonly receiveMaximum: number;
  readonly publish: ConnectionEvents['publish'];
  readonly log: Log;
};

export class MqttServer {
  readonly #options: MqttServerOptions;
  readonly #connections = new Set<Connection>();
  readonly #server: Server;
  #paused = false;

  constructor(options: MqttServerOptions) {
    this.#options = options;
    const events: ConnectionEvents = {
      publish: options.publish,
      close: (connection, reason) => {
        if (this.#connections.delete(connection)) {
          options.log.info({ client: connection.clientId, reason }, 'connection closed');
        }
      },
    };
    this.#server = createServer((socket) => {
      if (this.#connections.size >= options.connectionsMax) {
        options.log.warn({ connectionsMax: options.connectionsMax }, 'connection refused: too many');
        socket.destroy();
        return;
      }
      const connection = new Connection(socket, events, options.packetMaxBytes, options.receiveMaximum);
      this.#connections.add(connection);
      if (this.#paused) connection.pause();
    });
  }

  get connections(): number {
    return this.#connections.size;
  }

  listen(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject);
      const { port, host } = this.#options;
      this.#server.listen({ port, host, backlog: ACCEPT_BACKLOG }, resolve);
    });
  }

  /** Backpressure: while paused nothing is read, so senders wait and memory stays bounded. */
  pause(): void {
    this.#paused = true;
    for (const connection of this.#connections) connection.pause();
  }

  resume(): void {
    this.#paused = false;
    for (const connection of this.#connections) connection.resume();
  }

  close(): void {
    this.#server.close();
    for (const connection of [...this.#connections]) connection.end('server stops');
  }
}
