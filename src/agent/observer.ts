/** Asks PostgreSQL what it is doing; local-view.ts makes of it what decisions need. */
import { monotonicMs } from '../lib/clock.ts';
import type { PostgresServer } from './drivers/postgres-server.ts';
import type { PostgresSession } from './drivers/postgres-session.ts';
import { LocalView } from './local-view.ts';
import type { LocalPostgres } from './types.ts';

export class Observer {
  readonly #server: PostgresServer;
  readonly #session: PostgresSession;
  readonly view = new LocalView(monotonicMs);

  constructor(server: PostgresServer, session: PostgresSession) {
    this.#server = server;
    this.#session = session;
  }

  /**
   * Whether the server lives is looked up every time; what it says of itself is asked again when the last
   * answer is older than `maxAgeMs`.
   */
  async observe(maxAgeMs: number): Promise<LocalPostgres> {
    const presence = this.#server.presence();
    if (presence === 'absent') return { state: 'absent' };
    if (presence === 'stopped') return this.view.stopped(this.#server.wasPrimary());
    const recent = this.view.alive(maxAgeMs);
    if (recent !== null) return recent;
    const facts = await this.#session.facts().catch(() => null);
    return this.view.answered(facts, () => this.#server.gate());
  }
}
