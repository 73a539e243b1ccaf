import type { Log } from './log.ts';

export type OutageLog = {
  readonly away: (error: Error) => void;
  readonly back: () => void;
};

/** Says once that a server is away and once that it is back, however often a client tries in between. */
export function outageLog(server: string, log: Log): OutageLog {
  let down = false;
  return {
    away: (error) => {
      if (!down) log.warn({ failure: error.message }, `${server} is away`);
      down = true;
    },
    back: () => {
      log.info(down ? `${server} is back` : `${server} connected`);
      down = false;
    },
  };
}
