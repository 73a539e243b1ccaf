import type { AlertsBody } from '../../../src/api/observability-schemas.ts';
import { formatDateTime } from '../lib/format.ts';

type AlertRow = AlertsBody['alerts'][number];

/** The dashboard serves the runbooks itself, whatever host it is opened on. */
const runbookPath = (url: string): string => URL.parse(url)?.pathname ?? url;

function AlertItem({ alert }: { alert: AlertRow }) {
  const page = alert.severity === 'page';
  return (
    <li className="alert-row">
      <span className={`badge ${page ? 'badge-alert' : 'badge-warn'}`}>
        {page ? '◆ page' : '▲ ticket'}
        {alert.state === 'pending' ? ', soon' : ''}
      </span>
      <div className="alert-text">
        <strong>{alert.name}</strong>
        <p>{alert.summary}</p>
        <p className="faint">
          since {formatDateTime(alert.since)} UTC
          {alert.runbook_url === null ? null : (
            <>
              {' · '}
              <a href={runbookPath(alert.runbook_url)} target="_blank" rel="noreferrer">
                what to do<span className="visually-hidden"> about {alert.name}</span>
              </a>
            </>
          )}
        </p>
      </div>
    </li>
  );
}

/** Alerts that fire or are about to; null: they are not known. */
export function AlertsPanel({ alerts }: { alerts: AlertsBody['alerts'] | null }) {
  return (
    <section className="panel" aria-label="Alerts">
      <header className="panel-head">
        <h2>Alerts</h2>
        <span className="panel-note">a page is for somebody who is woken, a ticket for tomorrow</span>
      </header>
      {alerts === null ? <span className="ghost" /> : null}
      {alerts?.length === 0 ? <p className="faint">Nothing needs anybody.</p> : null}
      <ul className="alert-list">
        {(alerts ?? []).map((alert) => (
          <AlertItem key={`${alert.name} ${JSON.stringify(alert.labels)}`} alert={alert} />
        ))}
      </ul>
    </section>
  );
}
