/** What a check found. */
export type Finding = {
  readonly check: string;
  /** warn: it works, and will not always; fail: it does not. */
  readonly state: 'ok' | 'warn' | 'fail';
  readonly found: string;
  /** What puts it right; null: nothing has to be. */
  readonly fix: string | null;
};

export const ok = (check: string, found: string): Finding => ({ check, state: 'ok', found, fix: null });
export const warn = (check: string, found: string, fix: string): Finding => ({
  check,
  state: 'warn',
  found,
  fix,
});
export const fail = (check: string, found: string, fix: string): Finding => ({
  check,
  state: 'fail',
  found,
  fix,
});
