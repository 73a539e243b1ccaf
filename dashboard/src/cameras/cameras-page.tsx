import { formatCount } from '../lib/format.ts';
import { FailureNotice } from '../shell/failure-notice.tsx';
import { IgnoredNotice, Notice } from '../shell/notice.tsx';
import { Pager } from '../shell/pager.tsx';
import { usePageQuery } from '../shell/use-page-query.ts';
import { CameraFilters } from './camera-filters.tsx';
import {
  type CameraQuery,
  EMPTY_QUERY,
  formatCameraQuery,
  isFiltered,
  lastPage,
  narrowed,
  parseCameraQuery,
} from './camera-query.ts';
import { DetectorPanel } from './detector-panel.tsx';
import { Gallery } from './gallery.tsx';
import { PhotoDialog } from './photo-dialog.tsx';
import { ScoresPanel } from './scores-panel.tsx';
import { CameraTotals } from './totals.tsx';
import { TrendPanel } from './trend-panel.tsx';
import { UploadPanel } from './upload-panel.tsx';
import { useImages, useQueue, useSummary, useWords } from './use-camera-feeds.ts';
import { WordsPanel } from './words-panel.tsx';

const ADDRESS = {
  path: '/cameras',
  parse: parseCameraQuery,
  format: formatCameraQuery,
  // From one open photo to the next the back button need not stop.
  continues: (before: CameraQuery, next: CameraQuery) => before.image !== null && next.image !== null,
};

function Empty({ query, onClear }: { query: CameraQuery; onClear: () => void }) {
  if (isFiltered(query)) {
    const clear = (
      <button type="button" className="button" onClick={onClear}>
        Clear all
      </button>
    );
    return <Notice tone="info" title="No photo matches" action={clear} />;
  }
  return (
    <Notice tone="info" title="No photo has been looked at yet">
      Photos come from simulated cameras, one a minute from each site, from folders that are watched, by
      upload on this page, and by npx tier0 import photos PATH… --site TX-EAGLE --type turbine.
    </Notice>
  );
}

export default function CamerasPage() {
  const { query, ignored, go } = usePageQuery(ADDRESS);
  const images = useImages(query);
  const summary = useSummary(query);
  const words = useWords(query);
  const queue = useQueue();
  const body = images.data;
  const onNarrow = (changes: Partial<CameraQuery>) => go(narrowed(query, changes));
  const onClear = () => go({ ...EMPTY_QUERY, sort: query.sort });
  const open = (image: string | null) => go({ ...query, image });
  const ids = body?.images.map(({ image_id }) => image_id) ?? [];
  const at = query.image === null ? -1 : ids.indexOf(query.image);
  const step = (to: string | undefined) => (at === -1 || to === undefined ? null : () => open(to));
  const refresh = () => {
    for (const answer of [images, summary, queue]) answer.retry();
  };
  return (
    <div className="page cameras">
      <title>Camera Intelligence · Tier-0</title>
      <h1 className="visually-hidden">Camera Intelligence</h1>
      <IgnoredNotice ignored={ignored} />
      <FailureNotice title="The photos cannot be read" answers={[images, summary, words, queue]} />
      <CameraTotals summary={summary.data} />
      <div className="cameras-main">
        <section className="panel cameras-photos" aria-label="Photos" aria-busy={images.outdated}>
          <CameraFilters query={query} onNarrow={onNarrow} onClear={onClear} />
          {body === null ? null : (
            <p className="faint cameras-count" aria-live="polite">
              {formatCount(body.total_images)} photos
              {body.avg_compliance === null ? '' : `, score ${Math.round(body.avg_compliance)} on average`}
            </p>
          )}
          {body !== null && body.images.length === 0 ? <Empty query={query} onClear={onClear} /> : null}
          {body === null ? null : <Gallery body={body} onOpen={open} />}
          <Pager
            label="Pages of photos"
            steps={['First', 'Previous', 'Next']}
            page={query.page}
            last={lastPage(body?.total_images ?? 0)}
            onPage={(page) => go({ ...query, page })}
          />
        </section>
        <div className="cameras-side">
          <ScoresPanel
            summary={summary.data}
            site={query.site}
            type={query.type}
            onSite={(site) => onNarrow({ site })}
            onType={(type) => onNarrow({ type })}
          />
          <TrendPanel summary={summary.data} />
          <WordsPanel words={words.data} site={query.site} />
          <DetectorPanel summary={summary.data} />
          <UploadPanel queue={queue.data} site={query.site} onSent={refresh} />
        </div>
      </div>
      {query.image === null ? null : (
        <PhotoDialog
          imageId={query.image}
          onClose={() => open(null)}
          onPrevious={step(ids[at - 1])}
          onNext={step(ids[at + 1])}
          onSaved={refresh}
        />
      )}
    </div>
  );
}
