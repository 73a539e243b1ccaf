import type { RegionView } from '../../../src/api/schemas.ts';
import { formatBytes, formatCount, formatMs, formatRate } from '../lib/format.ts';
import { imbalance } from './accounting.ts';
import { Fact } from './fact.tsx';

/** Agents write a heartbeat every 100 ms; ten missed ones are worth a mark. */
const HEARTBEAT_LATE_MS = 1000;

const HEALTH = {
  up: { mark: '●', badge: 'badge-ok' },
  degraded: { mark: '▲', badge: 'badge-warn' },
  down: { mark: '◆', badge: 'badge-alert' },
} as const;

function ReplicationFact({ region }: { region: RegionView }) {
  if (region.replication_lag_bytes === null && region.replication_lag_ms === null) {
    return <Fact name="Replication lag">{region.role === 'leader' ? 'source' : '–'}</Fact>;
  }
  const bytes = region.replication_lag_bytes;
  const ms = region.replication_lag_ms;
  return (
    <Fact name="Replication lag">
      {bytes === null ? '–' : formatBytes(bytes)} · {ms === null ? '–' : formatMs(ms)}
    </Fact>
  );
}

function IngestFacts({ ingest }: { ingest: NonNullable<RegionView['ingest']> }) {
  const off = imbalance(ingest.accounting);
  return (
    <>
      <Fact name="Ingest" tone={ingest.up ? undefined : 'alert'}>
        {ingest.up
          ? `${formatRate(ingest.readings_per_s)}/s · ${formatCount(ingest.connections)} conn.`
          : 'down'}
      </Fact>
      <Fact name="Accounting" tone={off === 0 ? undefined : 'alert'}>
        {off === 0
          ? `balances · ${formatCount(ingest.accounting.in_flight)} in flight`
          : `off by ${formatCount(off)}`}
      </Fact>
    </>
  );
}

/** One region, or the witness, as the answering region sees it. */
export function RegionPanel({ region }: { region: RegionView }) {
  const health = HEALTH[region.health];
  const heartbeat = region.heartbeat_age_ms;
  const late = heartbeat !== null && heartbeat > HEARTBEAT_LATE_MS;
  return (
    <section className="panel region" aria-label={region.region}>
      <header className="panel-head">
        <h2>{region.region}</h2>
        {region.region === region.role ? null : <span className="badge">{region.role}</span>}
        <span className={`badge ${health.badge}`}>
          {health.mark} {region.health}
        </span>
      </header>
      <dl className="facts">
        <Fact name="Heartbeat" tone={late ? 'warn' : undefined}>
          {heartbeat === null ? '–' : `${formatMs(heartbeat)} ago`}
        </Fact>
        {region.role === 'witness' ? (
          <Fact name="Holds">a vote, no data</Fact>
        ) : (
          <>
            <Fact name="PostgreSQL" tone={region.postgres === null ? 'alert' : undefined}>
              {region.postgres === null
                ? 'no answer'
                : `${region.postgres.state} · timeline ${region.postgres.timeline ?? '–'}`}
            </Fact>
            <Fact name="WAL position">{region.postgres?.lsn ?? '–'}</Fact>
            <ReplicationFact region={region} />
            {region.ingest === null ? (
              <Fact name="Ingest" tone="alert">
                no answer
              </Fact>
            ) : (
              <IngestFacts ingest={region.ingest} />
            )}
          </>
        )}
      </dl>
    </section>
  );
}

/** Stands where a region will be, so that nothing moves when it comes. */
export function RegionPlaceholder({ name }: { name: string }) {
  return (
    <section className="panel region" aria-label={name} aria-busy="true">
      <header className="panel-head">
        <h2>{name}</h2>
      </header>
    </section>
  );
}
