import { useState } from 'react';
import { pausedStore } from '../live/live-control.ts';
import { useStore } from '../live/store.ts';
import { FailureNotice } from '../shell/failure-notice.tsx';
import { IgnoredNotice } from '../shell/notice.tsx';
import { usePageQuery } from '../shell/use-page-query.ts';
import { AddressesPanel } from './addresses-panel.tsx';
import { EntriesPanel } from './entries-panel.tsx';
import { LogFilters } from './log-filters.tsx';
import { NoEntries } from './log-notices.tsx';
import {
  continuesTyping,
  EMPTY_QUERY,
  formatLogQuery,
  isOpenEnded,
  type LogQuery,
  narrowed,
  parseLogQuery,
  untilAfter,
} from './log-query.ts';
import { PathsPanel } from './paths-panel.tsx';
import { StatusesPanel } from './statuses-panel.tsx';
import { tailState } from './tail-state.ts';
import { TimelinePanel } from './timeline-panel.tsx';
import { useAggregates, useEntries, useNewestEntry } from './use-log-feeds.ts';

const ADDRESS = { path: '/logs', parse: parseLogQuery, format: formatLogQuery, continues: continuesTyping };

function useTail(query: LogQuery) {
  const [wanted, setWanted] = useState(true);
  const [openId, setOpenId] = useState<string | null>(null);
  const paused = useStore(pausedStore) !== null;
  const openEnded = isOpenEnded(query);
  const state = tailState({ wanted, paused, page: query.page, openEnded, reading: openId !== null });
  return { state, follows: wanted && openEnded, openId, setOpenId, setWanted };
}

type Aggregates = ReturnType<typeof useAggregates>;

function AggregatePanels(props: {
  query: LogQuery;
  aggregates: Aggregates;
  onNarrow: (changes: Partial<LogQuery>) => void;
  go: (query: LogQuery) => void;
}) {
  const { query, onNarrow, go } = props;
  const { addresses, statuses, paths } = props.aggregates;
  const onPath = (path: string) => onNarrow({ path });
  return (
    <div className="row row-logs">
      <AddressesPanel
        body={addresses.data}
        outdated={addresses.outdated}
        onAddress={(ip) => onNarrow({ address: ip })}
        onPath={onPath}
      />
      <StatusesPanel
        body={statuses.data}
        outdated={statuses.outdated}
        onStatus={(status) => onNarrow({ status })}
      />
      <PathsPanel
        body={paths.data}
        outdated={paths.outdated}
        order={query.order}
        onOrder={(order) => go({ ...query, order })}
        onPath={onPath}
      />
    </div>
  );
}

export default function LogsPage() {
  const { query, ignored, go } = usePageQuery(ADDRESS);
  const onNarrow = (changes: Partial<LogQuery>) => go(narrowed(query, changes));
  const tail = useTail(query);
  const entries = useEntries(query, tail.state === 'live');
  const aggregates = useAggregates(query, tail.follows);
  const none = entries.data !== null && !entries.outdated && entries.data.total === 0;
  const newest = useNewestEntry(none, tail.follows);
  const onPage = (page: number) => {
    const newestAt = entries.data?.logs[0]?.at;
    tail.setOpenId(null);
    if (page === 1 || newestAt === undefined) go(narrowed(query, {}));
    else go({ ...query, page, until: query.until ?? untilAfter(newestAt) });
  };
  const onTail = () => {
    tail.setOpenId(null);
    if (tail.state === 'paged') go(narrowed(query, {}));
    tail.setWanted(tail.state !== 'live');
  };
  const onClear = () => go({ ...EMPTY_QUERY, order: query.order });
  return (
    <div className="page logs">
      <title>Logs · Tier-0</title>
      <h1 className="visually-hidden">Logs</h1>
      <LogFilters query={query} onNarrow={onNarrow} onClear={onClear} />
      <IgnoredNotice ignored={ignored} />
      <FailureNotice
        title="The log cannot be read"
        answers={[entries, ...Object.values(aggregates), newest]}
      />
      {none ? (
        <NoEntries
          newest={newest.data}
          everything={query.range === 'all' && query.window === null}
          onEverything={() => onNarrow({ range: 'all', window: null })}
          onClear={onClear}
        />
      ) : (
        <>
          <TimelinePanel
            timeline={aggregates.timeline.data}
            outdated={aggregates.timeline.outdated}
            onWindow={(window) => onNarrow({ window })}
          />
          <AggregatePanels query={query} aggregates={aggregates} onNarrow={onNarrow} go={go} />
          <EntriesPanel
            body={entries.data}
            outdated={entries.outdated}
            page={query.page}
            tail={tail.state}
            openId={tail.openId}
            onOpen={tail.setOpenId}
            onTail={onTail}
            onPage={onPage}
            onAddress={(ip) => onNarrow({ address: ip })}
          />
        </>
      )}
    </div>
  );
}
