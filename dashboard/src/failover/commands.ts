/** What an operator asks of the cluster. One command at a time; its answer stays until the next one. */
import type { DrillRequest } from '../../../src/lib/control-schemas.ts';
import { ApiError, postJson } from '../live/api.ts';
import { createStore } from '../live/store.ts';
import type { Region } from './cluster-state.ts';
import { isFailover, isHealed, isPaused, isStarted } from './control-shapes.ts';
import { faultTitle } from './faults.ts';
import { formatMeasured } from './steps.ts';

export type CommandState =
  | { readonly kind: 'idle' }
  | { readonly kind: 'sending'; readonly what: string }
  | { readonly kind: 'done'; readonly title: string; readonly text: string }
  /** `message` is the server's own. */
  | { readonly kind: 'refused'; readonly title: string; readonly message: string };

export const commandStore = createStore<CommandState>({ kind: 'idle' });

const DEADLINE_MS = 10_000;
/** The agents give up after 20 s and say so. */
const MOVE_DEADLINE_MS = 30_000;

async function carryOut(what: string, send: () => Promise<{ title: string; text: string }>): Promise<void> {
  commandStore.set({ kind: 'sending', what });
  try {
    commandStore.set({ kind: 'done', ...(await send()) });
  } catch (error) {
    const message = error instanceof ApiError ? error.message : String(error);
    const refused = error instanceof ApiError && error.status !== null && error.status < 500;
    const title = `${what} ${refused ? 'was refused' : 'did not succeed'}`;
    commandStore.set({ kind: 'refused', title, message });
  }
}

export function moveLeader(target: Region): Promise<void> {
  return carryOut(`The move to ${target}`, async () => {
    const path = `/cluster/failover/${target}`;
    const answer = await postJson(path, null, isFailover, MOVE_DEADLINE_MS);
    const within = answer.tier0_compliant ? 'within one second' : 'longer than the one second aimed at';
    const took = formatMeasured(answer.total_failover_time * 1000);
    return { title: `${answer.target_region} leads`, text: `The move took ${took}, ${within}.` };
  });
}

export function pauseAutomation(reason: string): Promise<void> {
  return carryOut('The pause', async () => {
    await postJson('/cluster/pause', { reason }, isPaused, DEADLINE_MS);
    return { title: 'Automation is paused', text: 'No region takes over by itself until it is resumed.' };
  });
}

export function resumeAutomation(): Promise<void> {
  return carryOut('Resuming', async () => {
    await postJson('/cluster/resume', null, isPaused, DEADLINE_MS);
    return { title: 'Automation is on', text: 'A lost leader is replaced again without anybody asking.' };
  });
}

export function startDrill(request: DrillRequest): Promise<void> {
  return carryOut('The drill', async () => {
    await postJson('/drills', request, isStarted, DEADLINE_MS);
    const title = faultTitle(request.fault, request.target);
    return { title: 'The drill has started', text: `${title}. The timeline shows it as it happens.` };
  });
}

export function healEverything(): Promise<void> {
  return carryOut('Healing', async () => {
    const { healed } = await postJson('/drills/heal', null, isHealed, DEADLINE_MS);
    const text = healed.length === 0 ? 'Nothing was broken.' : healed.join(', ');
    return { title: 'Everything is healed', text };
  });
}
