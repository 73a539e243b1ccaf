import { memo } from 'react';
import { Link } from 'wouter';
import type { SiteRow } from '../../../src/api/schemas.ts';
import { formatCount } from '../lib/format.ts';
import { STATE_LABELS, StateGlyph } from '../shell/state-glyph.tsx';
import { labelSide } from './label-side.ts';
import { BORDERS_PATH, MAP_HEIGHT, MAP_WIDTH, NATION_PATH, place } from './map-shapes.ts';
import { CONDITION_SHARE, siteCondition } from './site-condition.ts';

const Land = memo(function Land() {
  return (
    <svg className="land" viewBox={`0 0 ${MAP_WIDTH} ${MAP_HEIGHT}`} aria-hidden="true">
      <path className="land-nation" d={NATION_PATH} />
      <path className="land-borders" d={BORDERS_PATH} />
    </svg>
  );
});

function Mark({ site, x, y, side }: { site: SiteRow; x: number; y: number; side: 'left' | 'right' }) {
  const condition = siteCondition(site);
  const name = `${site.site_id}, ${site.place}: ${STATE_LABELS[condition]}. ${formatCount(site.total)} devices, ${formatCount(site.ALERT)} alert, ${formatCount(site.WARN)} warn, ${formatCount(site.stale)} stale`;
  return (
    <Link
      className={`mark mark-${side}`}
      href={`/devices?site=${encodeURIComponent(site.site_id)}`}
      aria-label={name}
      title={name}
      style={{ left: `${x * 100}%`, top: `${y * 100}%` }}
    >
      <span className={`mark-pin pin-${condition}`}>
        <StateGlyph state={condition} size_px={13} />
      </span>
      <span className="mark-text" aria-hidden="true">
        <span className="mark-id">{site.site_id}</span>
        <span className="mark-counts">
          <StateGlyph state="ALERT" size_px={8} />
          {formatCount(site.ALERT)} <StateGlyph state="WARN" size_px={8} />
          {formatCount(site.WARN)}
        </span>
      </span>
    </Link>
  );
}

/** The sites on the map. The table beside it says the same without geography. */
export default function SiteMap({ sites }: { sites: readonly SiteRow[] }) {
  const placed = sites.flatMap((site) => {
    const at = place(site.lon, site.lat);
    return at === null ? [] : [{ site, ...at }];
  });
  const outside = sites.length - placed.length;
  return (
    <figure className="map">
      <div className="map-canvas">
        <Land />
        {placed.map((mark) => (
          <Mark key={mark.site.site_id} {...mark} side={labelSide(mark, placed)} />
        ))}
      </div>
      <figcaption className="map-note">
        A mark shows the worst state of at least {CONDITION_SHARE * 100} % of a site's devices.
        {outside === 0 ? '' : ` ${outside} more outside the map.`}
      </figcaption>
    </figure>
  );
}
