import { FailureNotice } from '../shell/failure-notice.tsx';
import { IgnoredNotice, Notice } from '../shell/notice.tsx';
import { usePageQuery } from '../shell/use-page-query.ts';
import { RegionsPanel } from './regions-panel.tsx';
import { SessionsPanel } from './sessions-panel.tsx';
import { SitesPanel } from './sites-panel.tsx';
import { useUsers, useUsersTimeline } from './use-user-feeds.ts';
import { presenceOf } from './user-figures.ts';
import { UserFilters } from './user-filters.tsx';
import {
  continuesTyping,
  EMPTY_QUERY,
  formatUserQuery,
  narrowed,
  parseUserQuery,
  type UserQuery,
} from './user-query.ts';
import { UserTimelinePanel } from './user-timeline-panel.tsx';
import { UserTotals } from './user-totals.tsx';

const ADDRESS = {
  path: '/users',
  parse: parseUserQuery,
  format: formatUserQuery,
  continues: continuesTyping,
};

export default function UsersPage() {
  const { query, ignored, go } = usePageQuery(ADDRESS);
  const users = useUsers(query);
  const timeline = useUsersTimeline(query);
  const body = users.answer.data;
  const onNarrow = (changes: Partial<UserQuery>) => go(narrowed(query, changes));
  const onClear = () => go({ ...EMPTY_QUERY, range: query.range });
  return (
    <div className="page users">
      <title>Users · Tier-0</title>
      <h1 className="visually-hidden">Users</h1>
      <IgnoredNotice ignored={ignored} />
      <FailureNotice title="The users cannot be read" answers={[users.answer, timeline]} />
      {body !== null && presenceOf(body) === 'unreported' ? (
        <Notice tone="info" title="No site reports">
          Sessions are open, but no site has reported for two minutes, so connections and latency are not
          known. Reports come through the queue, which joins last after a start.
        </Notice>
      ) : null}
      <UserTotals body={body} query={query} />
      <div className="users-main">
        <UserTimelinePanel
          timeline={timeline.data}
          outdated={timeline.outdated}
          range={query.range}
          onRange={(range) => go({ ...query, range })}
        />
        <div className="users-places">
          <RegionsPanel body={body} region={query.region} onRegion={(region) => onNarrow({ region })} />
          <SitesPanel
            body={body}
            offset_ms={users.offset_ms}
            site={query.site}
            onSite={(site) => onNarrow({ site })}
          />
        </div>
        <SessionsPanel
          body={body}
          offset_ms={users.offset_ms}
          outdated={users.answer.outdated}
          page={query.page}
          filters={<UserFilters query={query} onNarrow={onNarrow} onClear={onClear} />}
          onPage={(page) => go({ ...query, page })}
          onClear={onClear}
        />
      </div>
    </div>
  );
}
