/** Runs `tier0` commands as a user does, with nothing of the environment that would configure them. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { prepareServer } from '../../../bin/launcher/checkout.mjs';
import { after } from '../../../src/lib/clock.ts';

const PROJECT = fileURLToPath(new URL('../../..', import.meta.url));
// What runs for long runs as built, as the launcher has it.
await prepareServer(PROJECT);

/** Environment of the test process without the settings of somebody's own instance, and without their key. */
function cleanEnvironment(): NodeJS.ProcessEnv {
  return Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^(TIER0_|(COHERE_API_KEY|MONGODB_URL)$)/.test(name)),
  );
}

export type Ended = { readonly code: number | null; readonly stdout: string; readonly stderr: string };

/** Starts a command in a process group of its own. */
export function startTier0(args: readonly string[], env: NodeJS.ProcessEnv = {}): ChildProcess {
  const program = args[0] === 'up' ? 'build/server/main.mjs' : 'src/main.ts';
  return spawn(process.execPath, [program, ...args], {
    cwd: PROJECT,
    env: { ...cleanEnvironment(), ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
}

/** Runs a command to its end; it is killed after `limitMs`, which shows as a null exit code. */
export async function tier0(args: readonly string[], limitMs = 30_000): Promise<Ended> {
  const child = startTier0(args);
  const texts = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name]?.setEncoding('utf8').on('data', (chunk: string) => {
      texts[name] += chunk;
    });
  }
  const cancel = after(limitMs, () => child.kill('SIGKILL'));
  const [code]: (number | null)[] = await once(child, 'close');
  cancel();
  return { code: code ?? null, ...texts };
}
