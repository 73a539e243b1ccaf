import { useEffect, useRef } from 'react';
import { Link, useLocation } from 'wouter';
import { pausedStore, togglePause } from '../live/live-control.ts';
import { useStore } from '../live/store.ts';
import { ConnectionChip } from './connection-chip.tsx';
import { nextTheme, type Theme, themeStore } from './theme.ts';

const PAGES = [
  { path: '/', label: 'Overview' },
  { path: '/devices', label: 'Device Telemetry' },
  { path: '/users', label: 'Users' },
  { path: '/cameras', label: 'Camera Intelligence' },
  { path: '/query', label: 'AI Query' },
  { path: '/logs', label: 'Logs' },
  { path: '/failover', label: 'Failover' },
  { path: '/observability', label: 'Observability' },
] as const;

const THEME_ICONS: Readonly<Record<Theme, string>> = {
  system: 'M2.5 3h11v7.5h-11ZM6 13.5h4M8 10.5v3',
  light:
    'M8 5a3 3 0 1 0 0 6 3 3 0 0 0 0-6ZM8 1v1.5M8 13.5V15M1 8h1.5M13.5 8H15M3 3l1.1 1.1M11.9 11.9 13 13M13 3l-1.1 1.1M4.1 11.9 3 13',
  dark: 'M13.5 9.7A6 6 0 0 1 6.3 2.5a6 6 0 1 0 7.2 7.2Z',
};

function Icon({ path }: { path: string }) {
  return (
    <svg width="16" height="16" viewBox="0 0 16 16" aria-hidden="true">
      <path
        d={path}
        fill="none"
        stroke="currentColor"
        strokeWidth="1.5"
        strokeLinecap="round"
        strokeLinejoin="round"
      />
    </svg>
  );
}

function PauseButton() {
  const paused = useStore(pausedStore) !== null;
  return (
    <button
      type="button"
      className="button"
      onClick={togglePause}
      aria-pressed={paused}
      aria-label="Pause live updates"
    >
      <Icon path={paused ? 'M4.5 3v10l8-5Z' : 'M5 3v10M11 3v10'} />
      <span className="button-text">{paused ? 'Resume' : 'Pause'}</span>
    </button>
  );
}

function ThemeButton() {
  const theme = useStore(themeStore);
  const label = `Colours: ${theme}. Change`;
  return (
    <button type="button" className="button button-icon" onClick={nextTheme} aria-label={label} title={label}>
      <Icon path={THEME_ICONS[theme]} />
    </button>
  );
}

/** On a phone the tabs scroll, and the current one would be out of sight, also once the header's end has grown. */
function useCurrentInSight(path: string) {
  const tabs = useRef<HTMLElement>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: another path is another current tab.
  useEffect(() => {
    const nav = tabs.current;
    const current = nav?.querySelector<HTMLElement>('[aria-current=page]') ?? null;
    if (nav === null || current === null) return;
    const observer = new ResizeObserver(() => {
      nav.scrollLeft = current.offsetLeft - nav.offsetLeft - (nav.clientWidth - current.offsetWidth) / 2;
    });
    observer.observe(nav);
    return () => observer.disconnect();
  }, [path]);
  return tabs;
}

export function Header() {
  const [path] = useLocation();
  const tabs = useCurrentInSight(path);
  return (
    <header className="header">
      <span className="brand">
        <svg width="20" height="20" viewBox="0 0 20 20" aria-hidden="true">
          <path d="M2 4h16M10 4v13" stroke="currentColor" strokeWidth="2.6" strokeLinecap="round" />
          <circle cx="16" cy="14" r="2.6" className="state-OK" fill="currentColor" />
        </svg>
        <span className="brand-text">Tier-0</span>
      </span>
      <nav ref={tabs} aria-label="Pages" className="tabs">
        {PAGES.map((page) => (
          <Link
            key={page.path}
            href={page.path}
            className="tab"
            aria-current={
              path === page.path || (page.path !== '/' && path.startsWith(`${page.path}/`))
                ? 'page'
                : undefined
            }
          >
            {page.label}
          </Link>
        ))}
      </nav>
      <span className="header-end">
        <ConnectionChip />
        <PauseButton />
        <ThemeButton />
      </span>
    </header>
  );
}
