import { type KeyboardEvent, useEffect, useRef, useState } from 'react';
import type { DeviceDetail } from '../../../src/api/schemas.ts';
import { formatAge, formatDateTime, formatMetric } from '../lib/format.ts';
import { metricName } from '../lib/metric-name.ts';
import { useGet } from '../live/api.ts';
import { useStream } from '../live/live-control.ts';
import { expectShape, isDevice } from '../live/shapes.ts';
import { Fact } from '../overview/fact.tsx';
import { Age } from '../shell/age.tsx';
import { Notice } from '../shell/notice.tsx';
import { STATE_LABELS, StateLabel } from '../shell/state-glyph.tsx';
import { chartedMetrics, metricOrder, typeLabel } from './columns.ts';
import { type ListRow, listRow } from './device-window.ts';
import { HistoryChart } from './history-chart.tsx';

const EVENTS = ['device'];

/** The device as first read and then as streamed. The stream opens only once the device is known to exist. */
function useDevice(deviceId: string) {
  const path = encodeURIComponent(deviceId);
  const { data, error, reload } = useGet(`/api/devices/${path}`, isDevice, null);
  const [row, setRow] = useState<ListRow | null>(null);
  useEffect(() => {
    if (data !== null) setRow(listRow(data));
  }, [data]);
  useStream(data === null ? null : `/api/stream/devices/${path}`, EVENTS, (_name, body) =>
    setRow(listRow(expectShape(isDevice, body))),
  );
  return { row, error, reload };
}

function Metrics({ device }: { device: DeviceDetail }) {
  const names = metricOrder(device.device_type, device.metrics);
  if (names.length === 0) return <p className="faint">This device has not reported any metric yet.</p>;
  return (
    <dl className="metrics">
      {names.map((name) => {
        const { label, unit } = metricName(name);
        return (
          <div key={name} className="metric">
            <dt>{label}</dt>
            <dd>
              {formatMetric(device.metrics[name] ?? Number.NaN)} <span className="unit">{unit}</span>
            </dd>
          </div>
        );
      })}
    </dl>
  );
}

function Context({ row }: { row: ListRow }) {
  const { device } = row;
  const { location, status } = device;
  const tags = Object.entries(device.tags);
  return (
    <dl className="facts facts-two">
      <Fact name="Site">{device.site_id}</Fact>
      <Fact name="Type">{typeLabel(device.device_type)}</Fact>
      <Fact name="Last heard">
        <Age heardAt_ms={row.heardAt_ms} />
      </Fact>
      <Fact name="Expected every">{formatAge(device.expected_interval_s)}</Fact>
      <Fact name="Firmware">{device.firmware ?? '–'}</Fact>
      <Fact name="Status">{status?.code ?? '–'}</Fact>
      <Fact name="Location" wide>
        {location === null ? '–' : `${location.lat.toFixed(4)}, ${location.lon.toFixed(4)}`}
      </Fact>
      <Fact name="Reading of" wide>
        {device.timestamp_utc === null ? '–' : `${formatDateTime(device.timestamp_utc)} UTC`}
      </Fact>
      {status?.message ? (
        <Fact name="Message" wide>
          {status.message}
        </Fact>
      ) : null}
      {tags.length === 0 ? null : (
        <Fact name="Tags" wide>
          {tags.map(([key, value]) => `${key} ${value}`).join(' · ')}
        </Fact>
      )}
    </dl>
  );
}

function Body({ row, deviceId }: { row: ListRow; deviceId: string }) {
  const { device } = row;
  return (
    <>
      <div className="device-state">
        <StateLabel state={device.state} />
        {device.state === 'STALE' && device.reported_state !== null ? (
          <span className="faint">
            last reported {device.reported_state}; no reading for three expected intervals
          </span>
        ) : null}
        <span className="visually-hidden" role="status">
          {STATE_LABELS[device.state]}
        </span>
      </div>
      <Metrics device={device} />
      <HistoryChart
        deviceId={deviceId}
        metrics={chartedMetrics(device.device_type, device.metrics)}
        interval_s={device.expected_interval_s}
      />
      <Context row={row} />
    </>
  );
}

/** One device beside the list (over it on a small screen). Escape closes it. */
export function DevicePanel({ deviceId, onClose }: { deviceId: string; onClose: () => void }) {
  const { row, error, reload } = useDevice(deviceId);
  const panel = useRef<HTMLElement>(null);
  useEffect(() => panel.current?.focus({ preventScroll: true }), []);
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'Escape') onClose();
  };
  const retry = (
    <button type="button" className="button" onClick={reload}>
      Try again
    </button>
  );
  return (
    <aside
      ref={panel}
      className="panel device-panel"
      aria-label={`Device ${deviceId}`}
      tabIndex={-1}
      onKeyDown={onKeyDown}
    >
      <header className="panel-head">
        <h2 className="device-title">{deviceId}</h2>
        <button type="button" className="button" onClick={onClose}>
          Close
        </button>
      </header>
      {error === null ? null : error.status === 404 ? (
        <Notice tone="warn" title="No such device">
          {deviceId} is not in the registry. Device ids look like TURB-00912.
        </Notice>
      ) : (
        <Notice tone="alert" title="The device cannot be read" action={retry}>
          {error.message}
        </Notice>
      )}
      {row === null ? null : <Body row={row} deviceId={deviceId} />}
    </aside>
  );
}
