import { useEffect } from 'react';
import type { StatusBody } from '../../../src/lib/control-schemas.ts';
import { formatAge, formatCount, formatTime } from '../lib/format.ts';
import { useGet } from '../live/api.ts';
import { pausedStore, useLive } from '../live/live-control.ts';
import { useStore } from '../live/store.ts';
import { useBeat } from '../live/ticker.ts';
import { Notice } from '../shell/notice.tsx';
import { ActionsPanel, CommandAnswer } from './actions-panel.tsx';
import { ChecksPanel } from './checks-panel.tsx';
import { ClusterDiagram } from './cluster-diagram.tsx';
import { ClusterFacts } from './cluster-facts.tsx';
import { isMoving } from './cluster-state.ts';
import { drillStore, failureStore, lastDrillStore, statusStore, useClusterFeed } from './cluster-store.ts';
import { commandStore } from './commands.ts';
import { isDrills, isHistory } from './control-shapes.ts';
import { DrillPanel } from './drill-panel.tsx';
import { DrillsPanel } from './drills-panel.tsx';
import { OperationsPanel } from './operations-panel.tsx';
import { currentSequence } from './sequence.ts';
import { formatMeasured } from './steps.ts';
import { TimelinePanel } from './timeline-panel.tsx';

/** A status older than this is no longer the present; one comes every half second. */
const OLD_MS = 1500;
const HISTORY_S = 10;
const HISTORY_PATH = '/cluster/history?limit=50';
const DRILLS_PATH = '/api/drills?limit=20';

/** Changes when the history has something new to say. */
function occasionOf(status: StatusBody | null, drilling: boolean): string {
  const record = status?.record ?? null;
  const state = record === null ? '' : `${record.epoch} ${record.mode} ${record.phase}`;
  return `${state} ${drilling ? 'drill' : ''}`;
}

function useHistory(occasion: string) {
  const live = useLive();
  const history = useGet(HISTORY_PATH, isHistory, live ? HISTORY_S : null);
  const drills = useGet(DRILLS_PATH, isDrills, live ? HISTORY_S : null);
  const { reload: reloadHistory } = history;
  const { reload: reloadDrills } = drills;
  // biome-ignore lint/correctness/useExhaustiveDependencies: `occasion` is what asks for another look.
  useEffect(() => {
    reloadHistory();
    reloadDrills();
  }, [occasion, reloadHistory, reloadDrills]);
  return { history, drills };
}

/** What stands above the view when it is not what the reader takes it for. */
function ViewNotice({ status, heardAt_ms }: { status: StatusBody; heardAt_ms: number }) {
  const failure = useStore(failureStore);
  const paused = useStore(pausedStore) !== null;
  const age = useBeat((beat_ms) => {
    const age_ms = beat_ms - heardAt_ms;
    return age_ms > OLD_MS ? formatAge(age_ms / 1000) : null;
  });
  if (age !== null && !paused) {
    return (
      <Notice tone="alert" title={`No agent has answered for ${age}`}>
        What follows is the view of {formatTime(status.timestamp)} UTC. {failure ?? ''} The page keeps asking.
      </Notice>
    );
  }
  if (status.view === 'fresh') return null;
  return (
    <Notice tone="alert" title={`${status.region} has lost its majority: this view may be out of date`}>
      {status.message}
    </Notice>
  );
}

function Nothing() {
  const failure = useStore(failureStore);
  return failure === null ? (
    <div className="panel diagram-panel" aria-busy="true" />
  ) : (
    <Notice tone="alert" title="No agent answers">
      {failure} The page keeps asking.
    </Notice>
  );
}

function Diagram({ status, heardAt_ms }: { status: StatusBody; heardAt_ms: number }) {
  const old = useBeat((beat_ms) => beat_ms - heardAt_ms > OLD_MS);
  return (
    <section className="panel diagram-panel" aria-label="Cluster">
      <ClusterDiagram status={status} dated={old || status.view === 'stale'} />
      <p className="diagram-why">
        <span className="faint">{status.region}:</span> {status.why}
      </p>
    </section>
  );
}

export default function FailoverPage() {
  useClusterFeed();
  const latest = useStore(statusStore);
  const drill = useStore(drillStore);
  const lastDrill = useStore(lastDrillStore);
  const command = useStore(commandStore);
  const status = latest?.status ?? null;
  const occasion = occasionOf(status, drill !== null);
  const { history, drills } = useHistory(occasion);
  const rows = history.data?.operations ?? null;
  const situation = { status, drill, sending: command.kind === 'sending' ? command.what : null };
  const sequence = currentSequence({ status, drill, lastDrill, history: rows ?? [] });
  const held =
    drill === null
      ? null
      : `${formatCount(drill.requests.acknowledged)} of ${formatCount(drill.requests.sent)} writes acknowledged · ${formatCount(drill.requests.held)} held · ${formatCount(drill.requests.failed)} failed · worst ${formatMeasured(drill.requests.worst_ms)}`;
  const broken = history.error ?? drills.error;
  return (
    <div className={`page failover${isMoving(status?.record ?? null) ? ' failover-moving' : ''}`}>
      <title>Failover · Tier-0</title>
      <h1 className="visually-hidden">Failover</h1>
      {latest === null ? <Nothing /> : <ViewNotice {...latest} />}
      <CommandAnswer />
      {status === null ? null : <ClusterFacts status={status} />}
      <div className="row row-failover">
        <div className="failover-main">
          {latest === null ? null : <Diagram {...latest} />}
          <TimelinePanel sequence={sequence} held={held} />
        </div>
        <div className="failover-side">
          <ActionsPanel situation={situation} />
          <DrillPanel situation={situation} />
        </div>
      </div>
      {broken === null ? null : (
        <Notice tone="warn" title="The history cannot be read">
          {broken.message}
        </Notice>
      )}
      <DrillsPanel body={drills.data} />
      <div className="row row-failover">
        <OperationsPanel rows={rows} />
        <ChecksPanel occasion={occasion} />
      </div>
    </div>
  );
}
