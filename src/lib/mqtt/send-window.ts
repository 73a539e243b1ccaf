/**
 * What one MQTT connection has promised to deliver and not yet seen acknowledged. Bounded: when it is full
 * the sender must not take on more. Survives reconnects, so that everything in it is sent again.
 */

export type Pending = {
  readonly packetId: number;
  readonly topic: string;
  readonly payload: string;
  readonly deviceNo: number;
  readonly timestampMs: number;
  /** Position in the order of taking; a resend keeps it. */
  readonly sequence: number;
  /** How often it was written to a socket. */
  transmissions: number;
};

export class SendWindow {
  readonly #slots: (Pending | undefined)[];
  readonly #free: number[];
  #sequence = 0;

  /** `size` messages at most; their packet identifiers are 1 … size. */
  constructor(size: number) {
    this.#slots = new Array<Pending | undefined>(size).fill(undefined);
    this.#free = Array.from({ length: size }, (_, index) => size - index);
  }

  get used(): number {
    return this.#slots.length - this.#free.length;
  }

  /** Takes a message on; undefined when the window is full. */
  take(topic: string, payload: string, deviceNo: number, timestampMs: number): Pending | undefined {
    const packetId = this.#free.pop();
    if (packetId === undefined) return undefined;
    const pending = {
      packetId,
      topic,
      payload,
      deviceNo,
      timestampMs,
      sequence: this.#sequence++,
      transmissions: 0,
    };
    this.#slots[packetId - 1] = pending;
    return pending;
  }

  /** Releases an acknowledged message; undefined when that identifier is not in use. */
  acknowledge(packetId: number): Pending | undefined {
    const pending = this.#slots[packetId - 1];
    if (pending === undefined) return undefined;
    this.#slots[packetId - 1] = undefined;
    this.#free.push(packetId);
    return pending;
  }

  /** All of it, oldest first. */
  pending(): Pending[] {
    return this.#slots
      .filter((pending) => pending !== undefined)
      .sort((one, other) => one.sequence - other.sequence);
  }
}
