/**
 * Notices at once when the peer region's processes are gone: a connection to its agent is kept open, and when
 * it breaks, both its agent and its database are asked again. Refusal by both is proof that nothing runs
 * there; silence proves nothing and is left to the heartbeat.
 */
import { connect } from 'node:net';
import { pause } from '../../lib/clock.ts';

const RETRY_MS = 50;
const ANSWER_MS = 300;
/** Both ports must refuse this many times in a row. */
const REFUSALS_FOR_PROOF = 2;

export type PeerPorts = { readonly host: string; readonly agent: number; readonly postgres: number };

export class PeerProbe {
  readonly #ports: PeerPorts;
  readonly #onChange: () => void;
  #refusals = 0;

  /** `onChange` is called when the proof is found or falls. */
  constructor(ports: PeerPorts, onChange: () => void) {
    this.#ports = ports;
    this.#onChange = onChange;
  }

  get provenDead(): boolean {
    return this.#refusals >= REFUSALS_FOR_PROOF;
  }

  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const refused = await this.#holdUntilBroken(signal);
      if (signal.aborted) return;
      const proof =
        refused && (await this.#refuses(this.#ports.postgres)) && (await this.#refuses(this.#ports.agent));
      const before = this.provenDead;
      this.#refusals = proof ? this.#refusals + 1 : 0;
      if (before !== this.provenDead) this.#onChange();
      if (!proof || this.#refusals > REFUSALS_FOR_PROOF) await pause(RETRY_MS, signal);
    }
  }

  /** Holds a connection to the peer's agent; resolves when it breaks: true when it was refused or reset. */
  #holdUntilBroken(signal: AbortSignal): Promise<boolean> {
    return new Promise((resolve) => {
      const socket = connect({ host: this.#ports.host, port: this.#ports.agent });
      const abort = (): void => {
        socket.destroy();
      };
      signal.addEventListener('abort', abort, { once: true });
      socket.once('connect', () => {
        const before = this.provenDead;
        this.#refusals = 0;
        if (before) this.#onChange();
      });
      socket.on('error', () => {});
      socket.once('close', () => {
        signal.removeEventListener('abort', abort);
        resolve(true);
      });
      socket.resume();
    });
  }

  /** True only for an explicit refusal; an accepted connection, a timeout or any other failure is not one. */
  #refuses(port: number): Promise<boolean> {
    return new Promise((resolve) => {
      const socket = connect({ host: this.#ports.host, port, timeout: ANSWER_MS });
      const settle = (refused: boolean): void => {
        socket.destroy();
        resolve(refused);
      };
      socket.once('connect', () => settle(false));
      socket.once('timeout', () => settle(false));
      socket.once('error', (error) => settle('code' in error && error.code === 'ECONNREFUSED'));
    });
  }
}
