/** A process's log file: JSON lines, rotated by size. Lines that are not JSON are wrapped into an event. */
import { closeSync, existsSync, openSync, renameSync, statSync, writeSync } from 'node:fs';
import { wallMs } from '../lib/clock.ts';

export const LOG_MAX_BYTES = 20 * 1024 * 1024;
export const LOG_KEEP_FILES = 3;
/** A line longer than this is cut; a process that prints no newline cannot fill our memory. */
const LINE_MAX_CHARS = 16_384;

/** Renames path -> path.1 -> path.2 …; the oldest falls off. */
export function rotate(path: string): void {
  for (let n = LOG_KEEP_FILES - 1; n >= 0; n--) {
    const from = n === 0 ? path : `${path}.${n}`;
    if (existsSync(from)) renameSync(from, `${path}.${n + 1}`);
  }
}

/** A whole JSON object by its looks; parsing every line would cost more than it tells. */
const isEvent = (line: string): boolean =>
  line.length <= LINE_MAX_CHARS && line.startsWith('{"') && line.endsWith('}');

export class LogFile {
  readonly #path: string;
  readonly #role: string;
  readonly #region: string;
  #fd: number;
  #bytes: number;
  #partial = '';

  constructor(path: string, role: string, region: string) {
    this.#path = path;
    this.#role = role;
    this.#region = region;
    this.#fd = openSync(path, 'a', 0o640);
    this.#bytes = statSync(path).size;
  }

  /** Takes a chunk of a process's output. */
  write(chunk: string): void {
    const lines = (this.#partial + chunk).split('\n');
    this.#partial = (lines.pop() ?? '').slice(0, LINE_MAX_CHARS + 1);
    for (const line of lines) if (line !== '') this.#writeLine(line);
  }

  event(level: 'info' | 'warn' | 'error', msg: string): void {
    this.#writeLine(this.#wrap(level, msg));
  }

  close(): void {
    if (this.#partial !== '') this.#writeLine(this.#partial);
    closeSync(this.#fd);
  }

  #wrap(level: string, msg: string): string {
    const time = new Date(wallMs()).toISOString();
    return JSON.stringify({ time, level, role: this.#role, region: this.#region, msg });
  }

  #writeLine(line: string): void {
    const text = isEvent(line) ? line : this.#wrap('info', line.slice(0, LINE_MAX_CHARS));
    if (this.#bytes > LOG_MAX_BYTES) {
      closeSync(this.#fd);
      rotate(this.#path);
      this.#fd = openSync(this.#path, 'a', 0o640);
      this.#bytes = 0;
    }
    this.#bytes += writeSync(this.#fd, `${text}\n`);
  }
}
