#!/usr/bin/env node
/**
 * The only launcher. It prepares the machine as far as the command needs it (system packages, Node packages,
 * Node 24, the dashboard), saying what and why before it does it, and then runs the TypeScript program.
 * It runs on Node 20 without any package; with nothing to prepare it adds a fraction of a second.
 */
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { nodeProgram, prepareDashboard, prepareNodePackages, prepareServer } from './launcher/checkout.mjs';
import { preparePackages, systemPath } from './launcher/packages.mjs';
import { Failure, forwardSignals, hintFor, runForeground, say } from './launcher/terminal.mjs';

const USAGE = `tier0: an industrial IoT backend in two regions

  tier0 up [options]            start everything in the foreground; Ctrl-C stops it
      --rate N                  readings a second of the simulated fleet, 1 to 100000 (1000)
      --no-simulators           without the simulated fleet
      --no-observability        without Prometheus, Alertmanager, exporters and the availability probes
  tier0 down [--purge]          stop a running instance; --purge removes its data
  tier0 status                  every process by region: state, pid, port, uptime, restarts
  tier0 logs [process]          follow the logs (--lines N, --no-follow); process as in status
  tier0 doctor                  what is wrong with the machine or the instance, and how to put it right
  tier0 support-bundle          logs, configuration without secrets, metrics and records in one file
  tier0 drill FAULT [region]    break the running instance on purpose and report: kill, freeze, kill-postgres,
                                freeze-postgres, kill-agent, kill-etcd-leader, kill-witness, switchover; --repeat N
  tier0 drill heal | list | show ID
  tier0 bench ingest [options]  measure ingest against the running instance (--help for its options)
  tier0 bench patroni [options] measure Patroni's failover on this machine, with --beside ours as well

  tier0 self-test [path…]       the tests (npm test); --unit leaves out those that start a system
  tier0 self-check              types, format, lint, dead code, repository rules (npm run check)
  tier0 self-sim [options]      the deterministic simulation of failover (npm run sim); --seed N replays one run,
                                --seeds FROM-TO runs many, --variant NAME breaks the agent on purpose
  tier0 --help | --version

Options of up, down, status, logs and bench:
      --data-dir DIR            where all state lives (./.tier0)
      --port-offset N           added to every port (0)
`;

const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** What a command needs besides the Node packages, and the program that it is. */
const COMMANDS = {
  up: { packages: true, dashboard: true, server: true },
  'self-test': { packages: true, browser: true, dashboard: true, server: true, program: 'test/run.ts' },
  'self-check': { program: 'test/check.ts' },
  'self-sim': { program: 'sim/main.ts' },
  // Memory is measured as the vision service has it (src/supervisor/process-spec.ts).
  eval: { env: { MALLOC_ARENA_MAX: '1', MALLOC_MMAP_THRESHOLD_: '1000000' } },
};

/** A benchmark describes its own options; every other question is answered here, before any preparation. */
function asksForHelp(command, args) {
  if (command === 'help' || command === '--help' || command === '-h') return true;
  return command !== 'bench' && args.includes('--help');
}

/** The unit tests start no system program. */
function needsOf(command, args) {
  if (command === 'self-test' && args.includes('--unit')) return { program: COMMANDS['self-test'].program };
  return COMMANDS[command] ?? {};
}

async function main(args) {
  const [command, ...rest] = args;
  if (command === '--version') {
    process.stdout.write(`${JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).version}\n`);
    return 0;
  }
  if (command === undefined) {
    process.stderr.write(USAGE);
    return 2;
  }
  if (asksForHelp(command, rest)) {
    process.stdout.write(USAGE);
    return 0;
  }
  if (process.platform !== 'linux') throw new Failure(`Tier-0 runs on Linux, not on ${process.platform}`);
  const needs = needsOf(command, rest);
  forwardSignals();
  if (needs.packages) await preparePackages({ browser: needs.browser === true });
  await prepareNodePackages(root);
  if (needs.dashboard) await prepareDashboard(root);
  if (needs.server) await prepareServer(root);
  // What runs for long runs as built; a command that ends soon runs from its sources.
  const entry = needs.server ? 'build/server/main.mjs' : 'src/main.ts';
  const program =
    needs.program === undefined ? [join(root, entry), ...args] : [join(root, needs.program), ...rest];
  return await runForeground(nodeProgram(root), program, {
    ...process.env,
    ...needs.env,
    PATH: systemPath(),
  });
}

/** Errors of the file system (a read-only checkout, a full disk) are as expected as our own failures. */
function explain(error) {
  if (error instanceof Failure) return error.message;
  if (error.code === undefined || error.syscall === undefined) return null;
  const hint = hintFor(error.message);
  return hint === '' ? error.message : `${error.message}\n${hint}`;
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  const explanation = explain(error);
  if (explanation === null) throw error;
  for (const line of explanation.split('\n')) say(line);
  process.exitCode = error.exitCode ?? 1;
}
