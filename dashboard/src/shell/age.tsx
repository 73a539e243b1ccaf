import { formatAge } from '../lib/format.ts';
import { useBeat } from '../live/ticker.ts';

/** Below this an age says only "now": figures that flip between 0 and 1 every second draw the eye for nothing. */
const NOW_S = 2;

/** How long ago something was heard of (monotonic ms; null: never), kept current. */
export function Age({ heardAt_ms }: { heardAt_ms: number | null }) {
  const text = useBeat((beat_ms) => {
    if (heardAt_ms === null) return 'never';
    const age_s = (beat_ms - heardAt_ms) / 1000;
    return age_s < NOW_S ? 'now' : formatAge(age_s);
  });
  return <>{text}</>;
}
