/** The server of a site: how loaded it is, and what it reports. Pure. */
import type { Random } from '../../lib/random.ts';
import type { Activity } from '../../lib/user-events.ts';
import type { Session } from './answers.ts';

export type Online = { readonly session: Session; readonly status: 'active' | 'idle' };

const BASE_CPU_PCT = 9;
const CPU_PCT_PER_ACTIVE_USER = 0.3;
const CPU_NOISE_PCT = 1.5;
const BASE_MEMORY_GB = 5.5;
const MEMORY_GB_PER_SESSION = 0.03;
const MEMORY_NOISE_GB = 0.03;
/** How much of a disturbance is left at the next report: it fades within a minute. */
const PERSISTENCE = 0.85;

const bounded = (value: number, low: number, high: number): number => Math.min(high, Math.max(low, value));
const rounded = (value: number, digits: number): number => Number(value.toFixed(digits));

export class SiteServer {
  readonly siteId: string;
  readonly #random: Random;
  #cpuDriftPct = 0;
  #memoryDriftGb = 0;
  #answers = 0;
  #answersMs = 0;

  constructor(siteId: string, random: Random) {
    this.siteId = siteId;
    this.#random = random;
  }

  /** One of the site's users had to wait so long. */
  observe(tookMs: number): void {
    this.#answers++;
    this.#answersMs += tookMs;
  }

  /** The average latency is that of what was observed since the last report; 0 when there was nothing. */
  report(messageId: string, wallMs: number, online: readonly Online[], connections: number): Activity {
    const active = online.filter(({ status }) => status === 'active').length;
    this.#cpuDriftPct = this.#cpuDriftPct * PERSISTENCE + this.#random.normal() * CPU_NOISE_PCT;
    this.#memoryDriftGb = this.#memoryDriftGb * PERSISTENCE + this.#random.normal() * MEMORY_NOISE_GB;
    const averageMs = this.#answers === 0 ? 0 : this.#answersMs / this.#answers;
    this.#answers = 0;
    this.#answersMs = 0;
    const cpu = BASE_CPU_PCT + CPU_PCT_PER_ACTIVE_USER * active + this.#cpuDriftPct;
    const memory = BASE_MEMORY_GB + MEMORY_GB_PER_SESSION * online.length + this.#memoryDriftGb;
    return {
      message_id: messageId,
      timestamp_utc: new Date(wallMs).toISOString(),
      site_id: this.siteId,
      metrics: {
        active_users: active,
        active_connections: connections,
        server_cpu_pct: rounded(bounded(cpu, 1, 99), 1),
        server_memory_gb: rounded(bounded(memory, 1, 256), 2),
        average_latency_ms: rounded(averageMs, 2),
      },
      active_users_list: online.map(({ session, status }) => ({
        user_id: session.user_id,
        username: session.username,
        session_id: session.session_id,
        login_time: session.login_time,
        ip_address: session.ip_address,
        region: session.region,
        connection_status: status,
      })),
    };
  }
}
