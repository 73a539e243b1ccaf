import { kindOf, LOOKS } from './answer-kind.ts';

/** A status with the colour and the mark of its kind; the number itself says the same in text. */
export function StatusBadge({ status }: { status: number }) {
  const { label, mark, badge } = LOOKS[kindOf(status)];
  return (
    <span className={`badge status ${badge}`} title={label}>
      {mark === '' ? null : <span aria-hidden="true">{mark}</span>}
      {status}
    </span>
  );
}
