import type { ClusterView } from '../../../src/api/schemas.ts';
import { formatDateTime, formatMs } from '../lib/format.ts';
import { Fact } from './fact.tsx';

/** A record that etcd has not confirmed for this long may no longer be true. */
const RECORD_FRESH_MS = 1000;

/** What a region's loss would cost now. Only a strict cluster with a sync set can take over without loss. */
function Protection({ cluster }: { cluster: ClusterView }) {
  const both = cluster.mode === 'strict' && cluster.sync_set.length > 0;
  return (
    <Fact name="Protection" tone={both ? undefined : 'warn'} wide>
      {both ? 'both regions hold every reading' : 'one region only, no takeover'}
    </Fact>
  );
}

function Mode({ mode }: { mode: ClusterView['mode'] }) {
  return mode === 'strict' ? (
    <span className="badge badge-ok">● strict</span>
  ) : (
    <span className="badge badge-warn">▲ solo</span>
  );
}

/** The cluster record as the answering region last read it. */
export function ClusterPanel(props: {
  cluster: ClusterView | null;
  loaded: boolean;
  servedBy: string | null;
}) {
  const { cluster, loaded, servedBy } = props;
  return (
    <section className={`panel cluster${cluster?.mode === 'solo' ? ' panel-warn' : ''}`} aria-label="Cluster">
      <header className="panel-head">
        <h2>Cluster</h2>
        {cluster === null ? null : <Mode mode={cluster.mode} />}
        <span className="panel-note">{servedBy === null ? '' : `answered by ${servedBy}`}</span>
      </header>
      {cluster === null ? (
        <p className="faint">{loaded ? '▲ The cluster record cannot be read: etcd does not answer.' : '–'}</p>
      ) : (
        <dl className="facts facts-two">
          <Fact name="Leader">{cluster.leader}</Fact>
          <Fact name="Epoch">{cluster.epoch}</Fact>
          <Fact name="Sync set">
            {cluster.sync_set.length === 0 ? '▲ empty' : cluster.sync_set.join(', ')}
          </Fact>
          <Fact name="Phase">{cluster.phase}</Fact>
          <Fact name="Record age" tone={cluster.record_age_ms > RECORD_FRESH_MS ? 'warn' : undefined}>
            {formatMs(cluster.record_age_ms)}
          </Fact>
          <Protection cluster={cluster} />
          <Fact name="Since" wide>
            {formatDateTime(cluster.since)} UTC
          </Fact>
          <Fact name="Reason" wide>
            {cluster.reason === '' ? '–' : cluster.reason}
          </Fact>
        </dl>
      )}
    </section>
  );
}
