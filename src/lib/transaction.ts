/** Several statements that happen together or not at all. */
import type { ClientBase } from 'pg';

export async function transaction<T>(client: ClientBase, work: () => Promise<T>): Promise<T> {
  await client.query('BEGIN');
  try {
    const result = await work();
    await client.query('COMMIT');
    return result;
  } catch (error) {
    await client.query('ROLLBACK').catch(() => {
      // The connection is gone, and the transaction with it; what matters is the first error.
    });
    throw error;
  }
}
