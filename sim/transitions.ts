/** The transition table of the failover: production's `decide` asked about every abstract state, as a document. */
import { fileURLToPath } from 'node:url';
import { decide } from '../src/agent/decide.ts';
import { CRASH_YIELD_MS, STANDBY_SILENT_LIMIT_MS } from '../src/agent/decide-leader.ts';
import { STUCK_LIMIT_MS, UNFED_LIMIT_MS } from '../src/agent/decide-standby.ts';
import { LEADER_SILENT_LIMIT_MS } from '../src/agent/record-change.ts';
import type { Action, LocalPostgres, PeerView, RecordView } from '../src/agent/types.ts';
import type { ClusterRecord } from '../src/lib/cluster.ts';
import { type DataRegion, peerOf } from '../src/lib/topology.ts';

export const TRANSITIONS_FILE = fileURLToPath(new URL('../docs/failover-transitions.md', import.meta.url));

type Primary = Extract<LocalPostgres, { state: 'primary' }>;

const SELF: DataRegion = 'region1';
const EPOCH = 7;

/** Records by what they say, but for the leader, which is this region or its peer. */
const RECORDS: Readonly<Record<string, Partial<ClusterRecord>>> = {
  bootstrapping: { mode: 'solo', phase: 'bootstrapping', syncSet: [] },
  'strict, serving': { mode: 'strict', phase: 'serving' },
  'strict, handing over': { mode: 'strict', phase: 'handing_over' },
  'solo, promoting after a takeover': { mode: 'solo', phase: 'promoting', syncSet: [] },
  'solo, promoting after a handover': { mode: 'solo', phase: 'promoting' },
  'solo, serving': { mode: 'solo', phase: 'serving', syncSet: [] },
  'solo, serving, growing': { mode: 'solo', phase: 'serving', syncSet: [], growing: true },
};

const STOPPED = {
  state: 'stopped',
  wasPrimary: true,
  crashed: false,
  stoppedMs: 0,
  rewindFailed: false,
} as const;
const STANDBY = { state: 'standby', timeline: 1, lsn: '0/1', feedSilentMs: 0 } as const;
const ALONE: Primary = {
  state: 'primary',
  timeline: 1,
  lsn: '0/1',
  waitsForPeer: false,
  settled: false,
  gate: 'open',
  prepared: true,
  slotReady: true,
  standby: null,
  standbySilentMs: 0,
  checkpointedFor: null,
};
const STREAMED = { streaming: true, sync: true, lagBytes: 0, lagMs: 0, caughtUp: true };
const WAITING: Primary = { ...ALONE, waitsForPeer: true, settled: true, standby: STREAMED };

const LOCALS: Readonly<Record<string, LocalPostgres>> = {
  'no data': { state: 'absent' },
  'stopped standby': { ...STOPPED, wasPrimary: false },
  'stopped primary': STOPPED,
  'crashed primary': { ...STOPPED, crashed: true },
  [`crashed primary, for ${CRASH_YIELD_MS / 1_000} s`]: {
    ...STOPPED,
    crashed: true,
    stoppedMs: CRASH_YIELD_MS,
  },
  'stopped primary that cannot be rewound': { ...STOPPED, rewindFailed: true },
  'does not answer': { state: 'unreachable', unreachableMs: 0 },
  [`does not answer, for ${STUCK_LIMIT_MS / 1_000} s`]: {
    state: 'unreachable',
    unreachableMs: STUCK_LIMIT_MS,
  },
  'standby, fed': STANDBY,
  [`standby, unfed for ${LEADER_SILENT_LIMIT_MS / 1_000} s`]: {
    ...STANDBY,
    feedSilentMs: LEADER_SILENT_LIMIT_MS,
  },
  [`standby, unfed for ${UNFED_LIMIT_MS / 1_000} s`]: { ...STANDBY, feedSilentMs: UNFED_LIMIT_MS + 1 },
  'primary, not prepared': { ...ALONE, prepared: false, gate: 'closed' },
  'primary, alone, gate closed': { ...ALONE, gate: 'closed' },
  'primary, alone': ALONE,
  'primary, standby streams close behind': {
    ...ALONE,
    standby: { ...STREAMED, sync: false, caughtUp: false },
  },
  'primary, waits, not settled': { ...WAITING, settled: false },
  'primary, waits, standby not caught up': { ...WAITING, standby: { ...STREAMED, caughtUp: false } },
  'primary, waits, standby has everything': WAITING,
  'primary, waits, the same, gate closed': { ...WAITING, gate: 'closed' },
  'primary, waits, standby silent': { ...WAITING, standbySilentMs: STANDBY_SILENT_LIMIT_MS },
};

const ALIVE: PeerView = {
  silentMs: 0,
  provenDead: false,
  postgres: 'standby',
  unreachableMs: 0,
  canarySilentMs: 0,
  expectedUp: true,
};

const PEERS: Readonly<Record<string, PeerView>> = {
  standby: ALIVE,
  primary: { ...ALIVE, postgres: 'primary' },
  'PostgreSQL stopped': { ...ALIVE, postgres: 'stopped' },
  'PostgreSQL crashed': { ...ALIVE, postgres: 'crashed' },
  silent: { ...ALIVE, silentMs: LEADER_SILENT_LIMIT_MS },
  'proven dead': { ...ALIVE, provenDead: true },
};

function recordText({ leader, mode, phase, epoch, growing }: Partial<ClusterRecord>): string {
  const who = leader === SELF ? 'self' : 'peer';
  const grows = growing === true ? ', growing' : '';
  if (epoch === 1) return '**record** epoch 1: self, bootstrapping';
  return epoch === EPOCH ? `**record** ${mode}, ${phase}${grows}` : `**record** epoch + 1: ${who}, ${phase}`;
}

function actionText(action: Action): string {
  switch (action.type) {
    case 'write_record':
      return recordText(action.record);
    case 'start_primary':
      return action.waitForPeer ? 'start_primary, waiting' : 'start_primary';
    default:
      return action.type;
  }
}

function cell(record: RecordView, local: LocalPostgres, peer: PeerView): string {
  const decision = decide({ self: SELF, record, local, peer, intent: null, paused: false });
  return decision.kind === 'act' ? actionText(decision.action) : '·';
}

/** One row for local states in which the same is done; none where nothing ever is. */
function table(record: RecordView): string[] {
  const rows = new Map<string, { readonly names: string[]; readonly cells: readonly string[] }>();
  for (const [name, local] of Object.entries(LOCALS)) {
    const cells = Object.values(PEERS).map((peer) => cell(record, local, peer));
    if (cells.every((text) => text === '·')) continue;
    const key = cells.join('|');
    const row = rows.get(key) ?? { names: [], cells };
    row.names.push(name);
    rows.set(key, row);
  }
  if (rows.size === 0) return ['Nothing is done in any state.', ''];
  const sameForAll = [...rows.values()].every(({ cells }) => cells.every((text) => text === cells[0]));
  const peers = sameForAll ? ['whatever the peer is'] : Object.keys(PEERS).map((name) => `peer: ${name}`);
  return [
    `| own PostgreSQL | ${peers.join(' | ')} |`,
    `| --- |${' --- |'.repeat(peers.length)}`,
    ...[...rows.values()].map(
      ({ names, cells }) => `| ${[names.join('; '), ...cells.slice(0, peers.length)].join(' | ')} |`,
    ),
    '',
  ];
}

function known(change: Partial<ClusterRecord>, leader: DataRegion): RecordView {
  const record: ClusterRecord = {
    epoch: EPOCH,
    leader,
    syncSet: [peerOf(leader)],
    mode: 'strict',
    phase: 'serving',
    reason: '',
    since: '',
    ...change,
  };
  return { kind: 'known', record, revision: 1 };
}

/** The whole of docs/failover-transitions.md. */
export function describeTransitions(): string {
  const sections = Object.entries(RECORDS).flatMap(([name, change]) => [
    `## ${name}: this region leads`,
    '',
    ...table(known(change, SELF)),
    `## ${name}: the peer leads`,
    '',
    ...table(known(change, peerOf(SELF))),
  ]);
  const lines = [
    '# Failover: every decision',
    '',
    '<!-- Generated from src/agent/decide.ts by `npm run sim -- --write-transitions`; a test compares. -->',
    '',
    'What an agent does, by what the record says, what its own PostgreSQL is, and how it sees its peer. `·` is to wait; local states in which every cell would be `·` are left out. Automation is not paused, nobody has asked for a switchover, and the peer has been seen serving. **record** is a compare-and-set of the cluster record; every other action changes the own PostgreSQL only.',
    '',
    '## etcd does not answer',
    '',
    ...table({ kind: 'unknown' }),
    '## no record',
    '',
    ...table({ kind: 'none' }),
    ...sections,
  ];
  return `${lines.join('\n').trimEnd()}\n`;
}
