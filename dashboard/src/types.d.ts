/** The file is GeoJSON-like data whose inferred literal type is useless; this is what us-atlas documents. */
declare module 'us-atlas/states-albers-10m.json' {
  import type { GeometryCollection, Topology } from 'topojson-specification';

  const topology: Topology<{ states: GeometryCollection; nation: GeometryCollection }>;
  export default topology;
}
