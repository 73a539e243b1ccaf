/**
 * A file of acknowledged readings, so that a test can compare what was acknowledged with what is stored.
 * One entry is 12 bytes, little-endian: device_no uint32 | timestamp float64 (Unix milliseconds).
 */
import { type FileHandle, open, readFile } from 'node:fs/promises';

const ENTRY_BYTES = 12;
const CHUNK_ENTRIES = 8_192;
/** 100 MB of acknowledgements that the disk did not take: the ledger would no longer be complete. */
const MAX_WAITING_CHUNKS = 1_000;

export class AckLedger {
  readonly #file: FileHandle;
  #chunk = Buffer.allocUnsafe(CHUNK_ENTRIES * ENTRY_BYTES);
  #used = 0;
  #waitingChunks = 0;
  #written: Promise<void> = Promise.resolve();
  #failure: unknown;

  private constructor(file: FileHandle) {
    this.#file = file;
  }

  /** Opens the file for appending. Throws when it cannot be written. */
  static async open(path: string): Promise<AckLedger> {
    return new AckLedger(await open(path, 'a'));
  }

  /** Throws once the disk has failed or fallen too far behind. */
  append(deviceNo: number, timestampMs: number): void {
    this.#chunk.writeUInt32LE(deviceNo, this.#used);
    this.#chunk.writeDoubleLE(timestampMs, this.#used + 4);
    this.#used += ENTRY_BYTES;
    if (this.#used === this.#chunk.length) this.#writeChunk();
  }

  /** Writes what is left and closes the file. Throws the first error that a write met. */
  async close(): Promise<void> {
    this.#writeChunk();
    await this.#written;
    await this.#file.close();
    if (this.#failure !== undefined) throw this.#failure;
  }

  #writeChunk(): void {
    if (this.#failure !== undefined) throw this.#failure;
    if (this.#used === 0) return;
    if (this.#waitingChunks >= MAX_WAITING_CHUNKS) throw new Error('the acknowledgement ledger fell behind');
    const bytes = this.#chunk.subarray(0, this.#used);
    this.#chunk = Buffer.allocUnsafe(CHUNK_ENTRIES * ENTRY_BYTES);
    this.#used = 0;
    this.#waitingChunks++;
    this.#written = this.#written
      .then(() => this.#file.appendFile(bytes))
      .catch((error: unknown) => {
        this.#failure ??= error;
      })
      .finally(() => {
        this.#waitingChunks--;
      });
  }
}

export type AckEntry = { readonly deviceNo: number; readonly timestampMs: number };

/** Entries of a ledger file in the order of acknowledgement. Throws when the file ends inside an entry. */
export async function readAckLedger(path: string): Promise<AckEntry[]> {
  const bytes = await readFile(path);
  if (bytes.length % ENTRY_BYTES !== 0) throw new Error(`${path} ends inside an entry`);
  const entries: AckEntry[] = [];
  for (let at = 0; at < bytes.length; at += ENTRY_BYTES) {
    entries.push({ deviceNo: bytes.readUInt32LE(at), timestampMs: bytes.readDoubleLE(at + 4) });
  }
  return entries;
}
