/** What a modelled PostgreSQL server consists of: the directory on disk, and the process with what it has loaded. */
import { Wal } from './wal.ts';

type Gate = 'open' | 'closed';

export type Directory = {
  readonly wal: Wal;
  timeline: number;
  standbySignal: boolean;
  /** The standby's slot here, and the LSN from which its WAL is kept. */
  slot: boolean;
  keptFromLsn: number;
  /** pg_hba.conf, sync.conf, follow.conf. */
  gate: Gate;
  waits: boolean;
  follows: boolean;
  /** false: a copy or a rewind was cut short, or is under way. */
  whole: boolean;
  /** Recovery lets nobody in before it has replayed this far. */
  consistentLsn: number;
};

export type Transaction = {
  readonly key: number;
  readonly startedMs: number;
  readonly commitMs: number;
  /** As the backend saw synchronous_standby_names when the statement began (hazard H5). */
  readonly waits: boolean;
  lsn: number | null;
  /** ended: its session is gone; it may or may not have been committed. */
  outcome: 'running' | 'acknowledged' | 'ended';
};

/** The primary's end of a WAL stream. */
type Sender = {
  streaming: boolean;
  /** It streams once the standby has what the primary had when it connected. */
  readonly catchUpLsn: number;
  sentLsn: number;
  flushedLsn: number;
  heardMs: number;
  spokenMs: number;
  readonly toStandby: { readonly arrivesMs: number; readonly lsn: number }[];
  readonly toPrimary: { readonly arrivesMs: number; readonly flushedLsn: number }[];
};

export type Process = {
  readonly startedMs: number;
  readonly readyMs: number;
  phase: 'starting' | 'recovery' | 'primary';
  /** draining: a fast stop that waits for the standby to have everything. */
  stopping: 'fast' | 'draining' | 'immediate' | null;
  gate: Gate;
  waits: boolean;
  follows: boolean;
  loadedMs: number;
  reloadMs: number | null;
  /** A promotion under way: recovery ends at `lsn`, whatever a receiver that still runs adds. */
  promotion: { readonly endsMs: number; readonly lsn: number } | null;
  transactions: Transaction[];
  sender: Sender | null;
  receiver: { readonly from: Process; readonly sender: Sender; heardMs: number } | null;
  retryMs: number;
};

export function emptyDirectory(): Directory {
  return {
    wal: new Wal(),
    timeline: 1,
    standbySignal: false,
    slot: false,
    keptFromLsn: 0,
    gate: 'closed',
    waits: false,
    follows: true,
    whole: true,
    consistentLsn: 0,
  };
}
