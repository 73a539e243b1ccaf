/** A share from 0 to 1 as a small bar, beside its figure. */
export function ShareBar({ share, tone = 'plain' }: { share: number; tone?: 'plain' | 'error' }) {
  return (
    <span className={`share share-${tone}`} aria-hidden="true">
      <span style={{ transform: `scaleX(${Math.min(1, Math.max(0, share))})` }} />
    </span>
  );
}
