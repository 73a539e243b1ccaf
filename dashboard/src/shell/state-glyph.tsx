import type { LiveState } from '../../../src/api/schemas.ts';

export const STATE_LABELS: Readonly<Record<LiveState, string>> = {
  OK: 'OK',
  WARN: 'Warn',
  ALERT: 'Alert',
  STALE: 'Stale',
  UNKNOWN: 'Unknown',
};

/** Each state has a shape of its own, so that no one depends on telling the colours apart. */
function shape(state: LiveState) {
  switch (state) {
    case 'OK':
      return <circle cx="8" cy="8" r="4.5" fill="currentColor" />;
    case 'WARN':
      return <path d="M8 2 15 14H1Z" fill="currentColor" strokeLinejoin="round" />;
    case 'ALERT':
      return <path d="M8 .5 15.5 8 8 15.5.5 8Z" fill="currentColor" />;
    case 'STALE':
      return (
        <path
          d="M8 4.5V8l2.4 1.6M8 2a6 6 0 1 1 0 12A6 6 0 0 1 8 2Z"
          fill="none"
          stroke="currentColor"
          strokeWidth="2"
        />
      );
    case 'UNKNOWN':
      return (
        <rect
          x="2.5"
          y="2.5"
          width="11"
          height="11"
          fill="none"
          stroke="currentColor"
          strokeWidth="2"
          strokeDasharray="3.2 2.3"
        />
      );
  }
}

export function StateGlyph({ state, size_px = 11 }: { state: LiveState; size_px?: number }) {
  return (
    <svg
      className={`glyph state-${state}`}
      width={size_px}
      height={size_px}
      viewBox="0 0 16 16"
      aria-hidden="true"
    >
      {shape(state)}
    </svg>
  );
}

export function StateLabel({ state }: { state: LiveState }) {
  return (
    <span className={`state-label state-${state}`}>
      <StateGlyph state={state} />
      {STATE_LABELS[state]}
    </span>
  );
}
