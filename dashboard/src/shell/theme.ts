/** Light, dark or the system's choice; kept in this browser. */
import { createStore } from '../live/store.ts';

export type Theme = 'system' | 'light' | 'dark';
const KEY = 'tier0.theme';
const ORDER: readonly Theme[] = ['system', 'light', 'dark'];

export const themeStore = createStore<Theme>(
  ORDER.find((name) => name === localStorage.getItem(KEY)) ?? 'system',
);

/** Changes with the system's preference and with the button, for what CSS cannot colour (canvas). */
export const darkStore = createStore(false);

const systemDark = matchMedia('(prefers-color-scheme: dark)');

function apply(): void {
  const theme = themeStore.get();
  document.documentElement.dataset.theme = theme;
  darkStore.set(theme === 'dark' || (theme === 'system' && systemDark.matches));
}

export function nextTheme(): void {
  const at = ORDER.indexOf(themeStore.get());
  const next = ORDER[(at + 1) % ORDER.length] ?? 'system';
  localStorage.setItem(KEY, next);
  themeStore.set(next);
  apply();
}

systemDark.addEventListener('change', apply);
apply();
