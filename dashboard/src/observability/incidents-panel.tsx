import { Link } from 'wouter';
import type { IncidentsBody } from '../../../src/api/availability-schemas.ts';
import { formatCount, formatDateTime } from '../lib/format.ts';

type IncidentRow = IncidentsBody['incidents'][number];

const PROBE_WORDS = { read: 'reads', write: 'writes', ask: 'questions', publish: 'readings' } as const;

function Incident({ incident }: { incident: IncidentRow }) {
  const { started_at, bad_s, failed_requests, probes, failures, budget_share, drill_id } = incident;
  return (
    <tr>
      <th scope="row">{formatDateTime(started_at)}</th>
      <td className="num">{formatCount(bad_s)} s</td>
      <td className="num">{(budget_share * 100).toFixed(0)} %</td>
      <td>
        {formatCount(failed_requests)} failed: {probes.map((probe) => PROBE_WORDS[probe]).join(', ')}
        {drill_id === null ? null : (
          <>
            {' · '}
            <Link href={`/failover/drills/${encodeURIComponent(drill_id)}`}>during a drill</Link>
          </>
        )}
        <span className="incident-why">{failures[0]?.failure}</span>
      </td>
    </tr>
  );
}

/** What each outage cost, newest first. */
export function IncidentsPanel({ body }: { body: IncidentsBody | null }) {
  return (
    <section className="panel" aria-label="Incidents">
      <header className="panel-head">
        <h2>Incidents</h2>
        <span className="panel-note">
          {body === null || body.total <= body.incidents.length
            ? 'seconds in which probes failed'
            : `newest ${body.incidents.length} of ${formatCount(body.total)}`}
        </span>
      </header>
      {body?.total === 0 ? <p className="faint">No probe has failed since the start.</p> : null}
      {body === null || body.total === 0 ? null : (
        <div className="table-place">
          <table className="table table-incidents">
            <caption className="visually-hidden">Incidents</caption>
            <thead>
              <tr>
                <th scope="col">Began (UTC)</th>
                <th scope="col" className="num">
                  Cost
                </th>
                <th scope="col" className="num">
                  Of budget
                </th>
                <th scope="col">What failed</th>
              </tr>
            </thead>
            <tbody>
              {body.incidents.map((incident) => (
                <Incident key={incident.started_at} incident={incident} />
              ))}
            </tbody>
          </table>
        </div>
      )}
    </section>
  );
}
