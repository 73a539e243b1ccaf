import type { StatusBody } from '../../../src/lib/control-schemas.ts';
import { isHeard, memberOf, type Region, replicationLink } from './cluster-state.ts';
import { type DiagramLayout, diagramLayout } from './diagram-layout.ts';
import { MemberCard } from './member-card.tsx';
import { ReplicationArrow } from './replication-arrow.tsx';
import { useWidth } from './use-width.ts';

const REGIONS: readonly Region[] = ['region1', 'region2'];

/** The witness's vote in etcd: a thin line while both ends are heard, a broken one with a cross when not. */
function Vote({ status, region, layout }: { status: StatusBody; region: Region; layout: DiagramLayout }) {
  const joined = isHeard(memberOf(status, region)) && isHeard(memberOf(status, 'witness'));
  const { path, label } = layout.votes[region];
  const d = path.map(({ x, y }, index) => `${index === 0 ? 'M' : 'L'}${x} ${y}`).join('');
  return (
    <g className={`vote${joined ? '' : ' vote-lost'}`}>
      <path d={d} />
      <text x={label.x} y={label.y}>
        {joined ? 'etcd' : '✕ etcd'}
      </text>
    </g>
  );
}

/** Both regions and the witness as they are now; `dated` when that may no longer be so. */
export function ClusterDiagram({ status, dated }: { status: StatusBody; dated: boolean }) {
  const [place, width] = useWidth<HTMLDivElement>();
  const layout = width === null ? null : diagramLayout(width);
  const link = replicationLink(status);
  return (
    <div ref={place} className={`diagram${dated ? ' diagram-dated' : ''}`}>
      {layout === null ? null : (
        // biome-ignore lint/a11y/useSemanticElements: SVG has no fieldset.
        <svg
          role="group"
          aria-label="Both regions and the witness"
          width={layout.width}
          height={layout.height}
          viewBox={`0 0 ${layout.width} ${layout.height}`}
        >
          {REGIONS.map((region) => (
            <Vote key={region} status={status} region={region} layout={layout} />
          ))}
          {link === null ? null : <ReplicationArrow link={link} layout={layout} />}
          {REGIONS.map((region) => (
            <MemberCard
              key={region}
              name={region}
              member={memberOf(status, region)}
              box={layout[region]}
              leads={status.record?.leader === region}
            />
          ))}
          <MemberCard
            name="witness"
            member={memberOf(status, 'witness')}
            box={layout.witness}
            leads={false}
          />
        </svg>
      )}
    </div>
  );
}
