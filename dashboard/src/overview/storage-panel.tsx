import type { Overview } from '../../../src/api/schemas.ts';
import { formatBytes, formatDateTime, formatShare } from '../lib/format.ts';
import { Fact } from './fact.tsx';

/** Above this part of the limit, retention is about to drop the oldest partition. */
const NEARLY_FULL = 0.9;

export function StoragePanel({ storage }: { storage: Overview['storage'] | null }) {
  const used =
    storage === null || storage.limit_bytes === 0 ? 0 : storage.readings_bytes / storage.limit_bytes;
  return (
    <section className="panel storage" aria-label="Storage of readings">
      <header className="panel-head">
        <h2>Storage of readings</h2>
      </header>
      {storage === null ? (
        <p className="faint">–</p>
      ) : (
        <>
          <dl className="facts">
            <Fact name="Used" tone={used > NEARLY_FULL ? 'warn' : undefined}>
              {formatBytes(storage.readings_bytes)} ·{' '}
              {formatShare(storage.readings_bytes, storage.limit_bytes)}
            </Fact>
            <Fact name="Limit">{formatBytes(storage.limit_bytes)}</Fact>
          </dl>
          <div className="gauge" aria-hidden="true">
            <span style={{ transform: `scaleX(${Math.min(1, used)})` }} />
          </div>
          <dl className="facts">
            <Fact name="Partitions">{storage.partitions}</Fact>
            <Fact name="Oldest">{storage.oldest === null ? '–' : formatDateTime(storage.oldest)}</Fact>
          </dl>
        </>
      )}
    </section>
  );
}
