import type { Accounting } from '../../../src/api/schemas.ts';

/** received − (committed + duplicates + rejected + in flight); 0 when every reading is accounted for. */
export function imbalance(accounting: Accounting): number {
  const { received, committed, duplicates, rejected, in_flight } = accounting;
  return received - (committed + duplicates + rejected + in_flight);
}
