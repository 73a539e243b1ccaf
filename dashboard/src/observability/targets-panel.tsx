import type { TargetsBody } from '../../../src/api/observability-schemas.ts';

const PLACE_NAMES: Readonly<Record<string, string>> = {
  region1: 'Region 1',
  region2: 'Region 2',
  witness: 'Witness',
  edge: 'Edge',
  simulators: 'Simulators',
};

function Target({ job, up }: { job: string; up: boolean }) {
  return (
    <li className={`badge ${up ? 'badge-ok' : 'badge-alert'}`}>
      <span aria-hidden="true">{up ? '●' : '◆'}</span> {job}
      {up ? null : <span> does not answer</span>}
    </li>
  );
}

/** Every process that is watched, by where it stands. */
export function TargetsPanel({ targets }: { targets: TargetsBody['targets'] }) {
  const places = Object.keys(PLACE_NAMES).filter((place) => targets.some(({ region }) => region === place));
  return (
    <section className="panel targets" aria-label="Processes">
      <header className="panel-head">
        <h2>Processes</h2>
        <span className="panel-note">asked every 10 s; one that hangs does not answer either</span>
      </header>
      <dl className="target-places">
        {places.map((place) => (
          <div key={place}>
            <dt>{PLACE_NAMES[place]}</dt>
            <dd>
              <ul className="target-list">
                {targets
                  .filter(({ region }) => region === place)
                  .map(({ job, instance, up }) => (
                    <Target key={`${job} ${instance}`} job={job} up={up} />
                  ))}
              </ul>
            </dd>
          </div>
        ))}
      </dl>
    </section>
  );
}
