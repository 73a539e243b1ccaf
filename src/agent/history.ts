/** The history of the cluster record: what was written, and the operations that it tells of. */
import { type ClusterRecord, HISTORY_PREFIX, parseRecord } from '../lib/cluster.ts';
import type { HistoryRow } from '../lib/control-schemas.ts';
import type { Etcd } from '../lib/etcd.ts';

/** Records kept; an operation has three, a change of mode one. */
const KEPT_RECORDS = 1_000;
/** Records read for one row that is shown, at most. */
const RECORDS_PER_ROW = 4;

/** Rows newest first. Throws UnavailableError when etcd does not answer. */
export async function readHistory(etcd: Etcd, rows: number): Promise<HistoryRow[]> {
  const pairs = await etcd.newest(HISTORY_PREFIX, rows * RECORDS_PER_ROW);
  return historyRows(pairs.map(({ value }) => parseRecord(value))).slice(0, rows);
}

/** Removes what is older than the newest records that are kept. */
export async function trimHistory(etcd: Etcd): Promise<void> {
  const pairs = await etcd.newest(HISTORY_PREFIX, KEPT_RECORDS + 1);
  const oldest = pairs[KEPT_RECORDS];
  if (oldest !== undefined) await etcd.removeRange(HISTORY_PREFIX, `${oldest.key}\0`);
}

/** One row an operation, and one a change of mode outside of operations; newest first, as the records. Pure. */
export function historyRows(newestFirst: readonly ClusterRecord[]): HistoryRow[] {
  const rows: HistoryRow[] = [];
  const seen = new Set<string>();
  for (const [index, record] of newestFirst.entries()) {
    const { operation } = record;
    if (operation === undefined) {
      if (record.phase === 'serving' && record.growing === undefined) rows.push(modeRow(record));
    } else if (!seen.has(operation.id)) {
      seen.add(operation.id);
      rows.push(operationRow(record, operation, index === 0));
    }
  }
  return rows;
}

function modeRow(record: ClusterRecord): HistoryRow {
  const { epoch, leader, reason, since } = record;
  const kind = epoch === 1 && record.mode === 'solo' && record.syncSet.length === 0 ? 'start' : record.mode;
  return {
    id: `${kind}-${since}`,
    kind: kind === 'start' && reason !== 'database prepared' ? 'solo' : kind,
    outcome: 'completed',
    epoch,
    from: null,
    leader,
    reason,
    at: since,
    duration_ms: null,
    marks: {},
  };
}

function operationRow(
  record: ClusterRecord,
  { id, kind, from }: NonNullable<ClusterRecord['operation']>,
  newest: boolean,
): HistoryRow {
  const { epoch, leader, reason, since, marks = {} } = record;
  const times = Object.values(marks).map((at) => Date.parse(at));
  return {
    id,
    kind,
    outcome: outcomeOf(record, from, newest),
    epoch,
    from,
    leader,
    reason,
    at: since,
    duration_ms: times.length > 1 ? Math.max(...times) - Math.min(...times) : null,
    marks,
  };
}

/** An operation that another record followed before the new leader served was given up, or taken over. */
function outcomeOf(record: ClusterRecord, from: string, newest: boolean): HistoryRow['outcome'] {
  if (record.phase === 'serving') return record.leader === from ? 'abandoned' : 'completed';
  return newest ? 'running' : 'abandoned';
}
