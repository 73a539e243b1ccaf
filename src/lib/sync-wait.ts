import type { ClientBase } from 'pg';
import { UnavailableError } from './errors.ts';

/**
 * Runs a statement that commits. PostgreSQL answers success to a commit whose wait for the standby was
 * cancelled, with only a warning beside it (hazard H2): that is an unknown outcome, so it becomes an error.
 */
export async function watchSyncWait<T>(client: ClientBase, commit: () => Promise<T>): Promise<T> {
  let cancelled = '';
  const onNotice = (notice: { severity?: string | undefined; message?: string | undefined }): void => {
    if (notice.severity === 'WARNING') cancelled = notice.message ?? 'warning';
  };
  client.on('notice', onNotice);
  try {
    const result = await commit();
    if (cancelled !== '') throw new UnavailableError(`commit not confirmed by the standby: ${cancelled}`);
    return result;
  } finally {
    client.off('notice', onNotice);
  }
}
