import { useEffect } from 'react';
import { useGet } from '../live/api.ts';
import { useLive } from '../live/live-control.ts';
import { Notice } from '../shell/notice.tsx';
import { isValidate } from './control-shapes.ts';

const REFRESH_S = 10;

/** The agent's own examination of the cluster; `occasion` changes when it is worth another look. */
export function ChecksPanel({ occasion }: { occasion: string }) {
  const live = useLive();
  const { data, error, reload } = useGet('/cluster/validate', isValidate, live ? REFRESH_S : null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: `occasion` is what asks for another look.
  useEffect(reload, [occasion, reload]);
  const wrong = data?.findings.filter(({ ok }) => !ok).length ?? 0;
  return (
    <section className={`panel checks${wrong === 0 ? '' : ' panel-warn'}`} aria-label="Checks">
      <header className="panel-head">
        <h2>Checks</h2>
        {data === null ? null : (
          <span className={`badge ${data.valid ? 'badge-ok' : 'badge-alert'}`}>
            {data.valid ? '✓ all hold' : `◆ ${wrong} of ${data.findings.length} do not hold`}
          </span>
        )}
        <button type="button" className="button checks-again" onClick={reload}>
          Check now
        </button>
      </header>
      {error === null ? null : (
        <Notice tone="warn" title="The checks cannot be read">
          {error.message}
        </Notice>
      )}
      <ul className="findings">
        {data?.findings.map(({ check, ok, detail }) => (
          <li key={check} className={ok ? 'finding' : 'finding finding-wrong'}>
            <span className="finding-mark" aria-hidden="true">
              {ok ? '✓' : '◆'}
            </span>
            <span>
              {check}
              <span className="visually-hidden">{ok ? ' holds' : ' does not hold'}</span>
              {detail === '' ? null : <span className="faint"> · {detail}</span>}
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}
