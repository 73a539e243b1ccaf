/** Whether new entries appear by themselves, and if not, why. */

export type TailState = 'live' | 'off' | 'paged' | 'ended' | 'reading' | 'paused';

/** `paused`: the header's button; `reading`: an entry is open, which new ones would push away. */
export function tailState(view: {
  wanted: boolean;
  paused: boolean;
  page: number;
  openEnded: boolean;
  reading: boolean;
}): TailState {
  if (view.page > 1) return 'paged';
  if (!view.openEnded) return 'ended';
  if (!view.wanted) return 'off';
  if (view.paused) return 'paused';
  return view.reading ? 'reading' : 'live';
}

export const TAIL_WORDS: Readonly<Record<TailState, string>> = {
  live: 'asked every 2 s',
  off: 'stands still',
  paged: 'stands still while you page',
  ended: 'the time chosen has an end',
  reading: 'stands still while an entry is open',
  paused: 'all live updates are paused',
};
