/** The code of each page, by the first part of its address. That of the page in the address is asked for at once. */
export const PAGES = {
  '': () => import('../overview/overview-page.tsx'),
  devices: () => import('../devices/devices-page.tsx'),
  users: () => import('../users/users-page.tsx'),
  cameras: () => import('../cameras/cameras-page.tsx'),
  query: () => import('../query/query-page.tsx'),
  logs: () => import('../logs/logs-page.tsx'),
  failover: () => import('../failover/failover-page.tsx'),
  observability: () => import('../observability/observability-page.tsx'),
} as const;

const [, first = ''] = location.pathname.split('/');
const page = Object.entries(PAGES).find(([name]) => name === first);
// Who shows the page asks again and gets the same failure.
page?.[1]().catch(() => undefined);
