import { useCallback, useMemo, useRef, useState } from 'react';
import { useLocation, useSearch } from 'wouter';
import { address } from '../lib/search-params.ts';
import { useGet } from '../live/api.ts';
import { isSites } from '../live/shapes.ts';
import { IgnoredNotice } from '../shell/notice.tsx';
import { DeviceList } from './device-list.tsx';
import { DevicePanel } from './device-panel.tsx';
import { FilterBar } from './filter-bar.tsx';
import { apiQuery, type ListQuery, parseListQuery, withListQuery } from './list-query.ts';

export default function DevicesPage({ deviceId }: { deviceId: string | null }) {
  const search = useSearch();
  const [path, navigate] = useLocation();
  const { query, ignored } = useMemo(() => parseListQuery(search), [search]);
  const [total, setTotal] = useState<number | null>(null);
  const sites = useGet('/api/sites', isSites, null).data?.sites ?? null;

  const onFilter = (next: ListQuery) =>
    navigate(address(path, withListQuery(search, next)), { replace: true });
  const onSelect = useCallback(
    (id: string) => navigate(address(`/devices/${encodeURIComponent(id)}`, search)),
    [navigate, search],
  );
  const list = useRef<HTMLElement>(null);
  const onClose = useCallback(() => {
    navigate(address('/devices', search));
    list.current?.querySelector<HTMLElement>('[role=grid]')?.focus();
  }, [navigate, search]);

  return (
    <div className={`page devices${deviceId === null ? '' : ' devices-split'}`}>
      <title>{`${deviceId ?? 'Device Telemetry'} · Tier-0`}</title>
      <section ref={list} className="devices-list" aria-labelledby="devices-title">
        <h1 id="devices-title" className="visually-hidden">
          Device Telemetry
        </h1>
        <FilterBar query={query} total={total} sites={sites} onChange={onFilter} />
        <IgnoredNotice ignored={ignored} />
        <DeviceList
          key={apiQuery(query, 0, 0)}
          query={query}
          selectedId={deviceId}
          onSelect={onSelect}
          onTotal={setTotal}
        />
      </section>
      {deviceId === null ? null : <DevicePanel key={deviceId} deviceId={deviceId} onClose={onClose} />}
    </div>
  );
}
