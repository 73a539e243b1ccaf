/** Structured logs: one JSON line an event on standard output; the supervisor owns the files. */
import { type Logger, pino } from 'pino';
import { currentRequestId } from './tracing.ts';

export type Log = Logger;

/** Keys that must never reach a log line. */
const SECRET_KEYS = ['password', '*.password', 'secret', '*.secret', 'token', '*.token', 'authorization'];

export function createLog(role: string, region: string): Log {
  return pino({
    base: { role, region, pid: process.pid },
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: label }) },
    // Lines about a request have its id: the front door's, which its own log has too.
    mixin: () => {
      const request_id = currentRequestId();
      return request_id === null ? {} : { request_id };
    },
    redact: { paths: SECRET_KEYS, censor: '[secret]' },
  });
}
