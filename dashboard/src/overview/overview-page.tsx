import { lazy, Suspense } from 'react';
import { useSearch } from 'wouter';
import type { Overview } from '../../../src/api/schemas.ts';
import { formatAge, formatTime } from '../lib/format.ts';
import { pausedStore } from '../live/live-control.ts';
import { useStore } from '../live/store.ts';
import { useBeat } from '../live/ticker.ts';
import { LoadBoundary } from '../shell/load-boundary.tsx';
import { Notice } from '../shell/notice.tsx';
import { AccountingPanel } from './accounting-panel.tsx';
import { ClusterPanel } from './cluster-panel.tsx';
import { FleetTotals } from './fleet-totals.tsx';
import { overviewStore, sitesStore, useOverviewFeed } from './overview-store.ts';
import { RatePanel } from './rate-panel.tsx';
import { RegionPanel, RegionPlaceholder } from './region-panel.tsx';
import { RejectsDrawer } from './rejects-drawer.tsx';
import { SiteTable } from './site-table.tsx';
import { StoragePanel } from './storage-panel.tsx';

const SiteMap = lazy(() => import('./site-map.tsx'));

/** An overview older than this is no longer the present; the API sends one every second. */
const STALE_S = 5;

/** Who is about to report: two data regions and the witness. */
const EXPECTED_REGIONS = ['region1', 'region2', 'witness'];

function StaleNotice({ heardAt_ms, overview }: { heardAt_ms: number; overview: Overview }) {
  const paused = useStore(pausedStore) !== null;
  const age = useBeat((beat_ms) => {
    const age_s = (beat_ms - heardAt_ms) / 1000;
    return age_s > STALE_S ? formatAge(age_s) : null;
  });
  if (age === null || paused) return null;
  return (
    <Notice tone="warn" title={`Nothing heard from the API for ${age}`}>
      The figures below are those of {formatTime(overview.timestamp)} UTC. The page reconnects on its own.
    </Notice>
  );
}

function Sites() {
  const sites = useStore(sitesStore);
  return (
    <section className="panel panel-sites" aria-label="Sites">
      <div className="map-place">
        <LoadBoundary name="The map">
          <Suspense fallback={null}>
            <SiteMap sites={sites ?? []} />
          </Suspense>
        </LoadBoundary>
      </div>
      <SiteTable sites={sites} />
    </section>
  );
}

export default function OverviewPage() {
  const failure = useOverviewFeed();
  const latest = useStore(overviewStore);
  const showRejects = new URLSearchParams(useSearch()).get('panel') === 'rejects';
  const overview = latest?.overview ?? null;
  return (
    <div className="page overview">
      <title>Overview · Tier-0</title>
      <h1 className="visually-hidden">Overview</h1>
      {latest === null && failure !== null ? (
        <Notice
          tone="alert"
          title="The API does not answer"
          action={
            <button type="button" className="button" onClick={failure.retry}>
              Try now
            </button>
          }
        >
          {failure.message} The page keeps trying on its own.
        </Notice>
      ) : null}
      {latest === null ? null : <StaleNotice heardAt_ms={latest.heardAt_ms} overview={latest.overview} />}
      <FleetTotals fleet={overview?.fleet ?? null} />
      <div className="row row-main">
        <Sites />
        <div className="column">
          <RatePanel perSecond={overview?.readings_per_s ?? null} />
          <ClusterPanel
            cluster={overview?.cluster ?? null}
            loaded={overview !== null}
            servedBy={overview?.served_by ?? null}
          />
        </div>
      </div>
      <AccountingPanel accounting={overview?.accounting ?? null} />
      <div className="row row-regions">
        {overview === null
          ? EXPECTED_REGIONS.map((name) => <RegionPlaceholder key={name} name={name} />)
          : overview.regions.map((region) => <RegionPanel key={region.region} region={region} />)}
        <StoragePanel storage={overview?.storage ?? null} />
      </div>
      {showRejects ? <RejectsDrawer /> : null}
    </div>
  );
}
