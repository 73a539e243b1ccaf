/** Events as a test needs them: of one session at one site. */
import type { Activity, SessionEvent } from './user-events.ts';

export const SESSION = '00000001-0000-0000-0000-000000000001';
export const uuid = (n: number): string => `00000000-0000-0000-0000-${String(n).padStart(12, '0')}`;
const who = {
  user_id: 'USER-00001',
  username: 'ada.abbott.00001',
  session_id: SESSION,
  login_time: '2026-11-25T10:00:00Z',
  ip_address: '198.18.0.1',
  region: 'US-EAST',
};
export const session = (n: number, kind: SessionEvent['kind'], at: string): SessionEvent => ({
  message_id: uuid(n),
  timestamp_utc: at,
  site_id: 'WY-ALPHA',
  kind,
  ...who,
});
export const activity = (n: number, at: string, status: 'active' | 'idle'): Activity => ({
  message_id: uuid(n),
  timestamp_utc: at,
  site_id: 'WY-ALPHA',
  metrics: {
    active_users: 1,
    active_connections: 2,
    server_cpu_pct: 3.5,
    server_memory_gb: 4,
    average_latency_ms: 5,
  },
  active_users_list: [{ ...who, connection_status: status }],
});
