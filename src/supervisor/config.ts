/** Options of the commands that start, stop and look at an instance. */

import { createHash } from 'node:crypto';
import { accessSync, constants, existsSync, mkdirSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { type Account, giveTo, serviceAccount } from '../lib/account.ts';
import { describeError, UsageError } from '../lib/errors.ts';
import { FLEET_SIZE } from '../lib/fleet.ts';
import { PROJECT_DIR } from '../lib/project.ts';
import { MAX_PORT_OFFSET } from '../lib/topology.ts';
import type { Programs } from './plan.ts';

/** The program that runs now, built or from its sources; its roles run alike. */
export const MAIN_FILE = process.argv[1] ?? join(PROJECT_DIR, 'src/main.ts');

export type InstanceOptions = {
  readonly dataDir: string;
  readonly portOffset: number;
};

export type UpOptions = InstanceOptions & { readonly rate: number; readonly simulators: boolean };

const OPTION_TYPES = {
  'data-dir': { type: 'string' },
  'port-offset': { type: 'string' },
  rate: { type: 'string' },
  'no-simulators': { type: 'boolean' },
  purge: { type: 'boolean' },
  lines: { type: 'string' },
  'no-follow': { type: 'boolean' },
  repeat: { type: 'string' },
  writes: { type: 'string' },
  telemetry: { type: 'string' },
  'freeze-ms': { type: 'string' },
  hypothesis: { type: 'string' },
  json: { type: 'boolean' },
} as const;
export type OptionName = keyof typeof OPTION_TYPES;
type Values = {
  [Name in OptionName]?: (typeof OPTION_TYPES)[Name]['type'] extends 'string' ? string : boolean;
};

/** Parses a command's arguments; options of other commands and unknown words are named in the error. */
export function parseOptions(
  args: readonly string[],
  allowed: readonly OptionName[],
  maxWords = 0,
): { values: Values; words: string[] } {
  let parsed: { values: Values; positionals: string[] };
  try {
    parsed = parseArgs({ args: [...args], options: OPTION_TYPES, allowPositionals: true });
  } catch (error) {
    // Its hints stand on lines of their own; a refusal is one line.
    throw new UsageError(
      describeError(error)
        .trim()
        .replace(/\s*\n\s*/g, ' '),
    );
  }
  const names: readonly string[] = allowed;
  const foreign = Object.keys(parsed.values).find((name) => !names.includes(name));
  if (foreign !== undefined) throw new UsageError(`--${foreign} is not an option of this command`);
  const surplus = parsed.positionals[maxWords];
  if (surplus !== undefined) throw new UsageError(`unexpected argument "${surplus}"`);
  return { values: parsed.values, words: parsed.positionals };
}

/** A whole number within bounds from an option or its environment variable. */
export function wholeNumber(
  name: string,
  text: string | undefined,
  fallback: number,
  min: number,
  max: number,
): number {
  if (text === undefined) return fallback;
  const value = Number(text);
  if (!/^\d+$/.test(text) || value < min || value > max) {
    throw new UsageError(`${name} must be a whole number from ${min} to ${max}, not "${text}"`);
  }
  return value;
}

export function instanceOptions(values: Values): InstanceOptions {
  return {
    dataDir: resolveDataDir(values['data-dir'] ?? process.env.TIER0_DATA_DIR),
    portOffset: wholeNumber(
      '--port-offset',
      values['port-offset'] ?? process.env.TIER0_PORT_OFFSET,
      0,
      0,
      MAX_PORT_OFFSET,
    ),
  };
}

export function upOptions(values: Values): UpOptions {
  return {
    ...instanceOptions(values),
    rate: wholeNumber('--rate', values.rate ?? process.env.TIER0_RATE, 1_000, 1, FLEET_SIZE),
    simulators: values['no-simulators'] !== true,
  };
}

/**
 * ./.tier0 of the checkout unless told otherwise. As root the engines run under another account, which must
 * be able to reach the directory; a checkout in a private directory (mktemp -d) keeps its data in /var/lib.
 */
function resolveDataDir(wanted: string | undefined): string {
  if (wanted !== undefined) return resolve(wanted);
  const inCheckout = join(PROJECT_DIR, '.tier0');
  if (process.getuid?.() !== 0 || privateAncestor(inCheckout) === null) return inCheckout;
  const tag = createHash('sha256').update(PROJECT_DIR).digest('hex').slice(0, 12);
  return `/var/lib/tier0/${tag}`;
}

/** The first directory above `path` that other accounts cannot pass through; null when there is none. */
function privateAncestor(path: string): string | null {
  for (let dir = dirname(path); ; dir = dirname(dir)) {
    if (existsSync(dir) && (statSync(dir).mode & 0o001) === 0) return dir;
    if (dir === dirname(dir)) return null;
  }
}

/** As mkdir -p. Node's own never returns where a directory that exists says ENOENT to what is made in it: /proc. */
function makeDirectory(path: string): void {
  if (existsSync(path)) return;
  makeDirectory(dirname(path));
  mkdirSync(path, { mode: 0o755 });
}

/** Makes the data directory and checks that we can write it and that the engines' account can reach it. */
export function prepareDataDir(dataDir: string): Account | null {
  try {
    makeDirectory(join(dataDir, 'run'));
    makeDirectory(join(dataDir, 'logs'));
    accessSync(join(dataDir, 'run'), constants.W_OK);
  } catch (error) {
    throw new UsageError(`the data directory ${dataDir} cannot be written: ${describeError(error)}`);
  }
  const account = serviceAccount();
  giveTo(account, join(dataDir, 'logs'));
  const barrier = account === null ? null : privateAncestor(join(dataDir, 'run'));
  if (account !== null && barrier !== null) {
    throw new UsageError(
      `PostgreSQL runs as ${account.name}, which cannot pass through ${barrier} to ${dataDir}: ` +
        `choose another --data-dir or run chmod o+x ${barrier}`,
    );
  }
  return account;
}

/** Where the engines are. Throws UsageError that names every missing package at once. */
export function findPrograms(): Programs {
  const missing: string[] = [];
  const find = (program: string, debianPackage: string): string => {
    const found = ['/usr/bin', '/usr/sbin', '/usr/local/bin', '/usr/local/sbin']
      .map((dir) => join(dir, program))
      .find((path) => existsSync(path));
    if (found === undefined) missing.push(`${program} (package ${debianPackage})`);
    return found ?? '';
  };
  const programs = {
    etcd: find('etcd', 'etcd-server'),
    redisServer: find('redis-server', 'redis-server'),
    redisSentinel: find('redis-sentinel', 'redis-sentinel'),
    mosquitto: find('mosquitto', 'mosquitto'),
    nginx: find('nginx', 'nginx-light'),
  };
  if (missing.length > 0) throw new UsageError(`not installed: ${missing.join(', ')}`);
  return programs;
}
