/** What an agent sees, and what it may do about it. */
import type { ClusterRecord, Intent } from '../lib/cluster.ts';
import type { DataRegion } from '../lib/topology.ts';

/** The standby as the primary sees it in pg_stat_replication. */
type StandbyView = {
  readonly streaming: boolean;
  readonly sync: boolean;
  readonly lagBytes: number;
  readonly lagMs: number | null;
  /** Everything written before synchronous_standby_names had settled is flushed there. */
  readonly caughtUp: boolean;
};

export type LocalPostgres =
  | { readonly state: 'absent' }
  | {
      readonly state: 'stopped';
      readonly wasPrimary: boolean;
      /** It ran under this agent and nobody here stopped it. */
      readonly crashed: boolean;
      readonly stoppedMs: number;
      /** pg_rewind could not make it follow the leader: only a new copy can. */
      readonly rewindFailed: boolean;
    }
  | {
      readonly state: 'unreachable';
      /** For how long it lives and does not answer; absent before it was first asked. */
      readonly unreachableMs?: number;
    }
  | {
      readonly state: 'standby';
      readonly timeline: number | null;
      readonly lsn: string | null;
      /** Since the last message of the leader's WAL stream. */
      readonly feedSilentMs: number;
    }
  | {
      readonly state: 'primary';
      readonly timeline: number;
      readonly lsn: string;
      /** The effective synchronous_standby_names names the peer. */
      readonly waitsForPeer: boolean;
      /** Every backend uses the names that are set now. */
      readonly settled: boolean;
      readonly gate: 'open' | 'closed';
      /** Roles, schema and registry are in place. */
      readonly prepared: boolean;
      readonly slotReady: boolean;
      readonly standby: StandbyView | null;
      /** For how long the peer has not acknowledged what we wrote; 0 while it does. */
      readonly standbySilentMs: number;
      /** The intent for which a checkpoint was made last. */
      readonly checkpointedFor: string | null;
    };

/** The other data region as this agent sees it. */
export type PeerView = {
  /** Since its heartbeat last advanced, in time that this agent was itself awake. */
  readonly silentMs: number;
  /** It refuses connections to its agent and to its database: nothing runs there. */
  readonly provenDead: boolean;
  /** What its last heartbeat says of its PostgreSQL; null when it never sent one. */
  readonly postgres: 'absent' | 'stopped' | 'crashed' | 'unreachable' | 'standby' | 'primary' | null;
  /** For how long its heartbeat has said `unreachable`. */
  readonly unreachableMs: number;
  /** For how long its heartbeat has said that no commit succeeds there although clients may write; 0 when they do. */
  readonly canarySilentMs: number;
  /** It was seen serving, or it has had long enough to start. */
  readonly expectedUp: boolean;
};

export type RecordView =
  /** etcd has not answered lately: nothing may be changed on the strength of what was known. */
  | { readonly kind: 'unknown' }
  | { readonly kind: 'none' }
  | { readonly kind: 'known'; readonly record: ClusterRecord; readonly revision: number };

export type Observation = {
  readonly self: DataRegion;
  readonly record: RecordView;
  readonly local: LocalPostgres;
  readonly peer: PeerView;
  readonly intent: Intent | null;
  /** An operator has paused automation: nobody takes over by itself. */
  readonly paused: boolean;
};

export type RecordDraft = Omit<ClusterRecord, 'since' | 'marks'>;

export type Action =
  | {
      readonly type: 'write_record';
      readonly revision: number;
      /** Its times are added when it is written. */
      readonly record: RecordDraft;
    }
  | { readonly type: 'clear_intent'; readonly id: string; readonly outcome: string }
  /** Made before a handover, so that the recovery after it has little to do. */
  | { readonly type: 'checkpoint'; readonly intent: string }
  | { readonly type: 'initialise' }
  | { readonly type: 'start_primary'; readonly waitForPeer: boolean }
  | { readonly type: 'start_standby' }
  | { readonly type: 'promote'; readonly epoch: number }
  | { readonly type: 'clone' }
  | { readonly type: 'rejoin' }
  /** fast: everything written reaches the standby first. immediate: the fence, it waits for nobody. */
  | { readonly type: 'stop_postgres' }
  /** Before a handover: nothing new is written, and the standby gets what was. */
  | { readonly type: 'drain' }
  | { readonly type: 'prepare_database' }
  | { readonly type: 'ensure_slot' }
  | { readonly type: 'wait_for_peer' }
  /** Makes sure that every backend uses the names that are set. */
  | { readonly type: 'settle' }
  | { readonly type: 'go_without_peer' }
  | { readonly type: 'open_gate' }
  | { readonly type: 'close_gate' };

export type Decision =
  | { readonly kind: 'act'; readonly action: Action; readonly why: string }
  /** Nothing to do, or nothing that may be done; `why` is shown to operators. */
  | { readonly kind: 'wait'; readonly why: string };
