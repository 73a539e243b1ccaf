/** Options of the commands that start, stop and look at an instance. */

import { createHash } from 'node:crypto';
import { accessSync, constants, existsSync, mkdirSync, statSync } from 'node:fs';
import { isIP } from 'node:net';
import { dirname, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { type Account, giveTo, serviceAccount } from '../lib/account.ts';
import { describeError, UsageError } from '../lib/errors.ts';
import { FLEET_SIZE } from '../lib/fleet.ts';
import { TRUSTED_PROXY_ADDRESS } from '../lib/front-door.ts';
import { PROJECT_DIR } from '../lib/project.ts';
import { badPort, MAX_PORT_OFFSET } from '../lib/topology.ts';
import { MAX_USERS } from '../lib/users.ts';
import type { Programs } from './process-spec.ts';

/** The program that runs now, built or from its sources; its roles run alike. */
export const MAIN_FILE = process.argv[1] ?? join(PROJECT_DIR, 'src/main.ts');

export type InstanceOptions = {
  readonly dataDir: string;
  readonly portOffset: number;
};

export type UpOptions = InstanceOptions & {
  readonly rate: number;
  readonly users: number;
  readonly simulators: boolean;
  readonly rabbitmq: boolean;
  readonly rag: boolean;
  readonly vision: boolean;
  /** Seconds between two photos of a simulated camera; 0: there are none. */
  readonly cameraIntervalS: number;
  /** Prometheus, Alertmanager, their exporters, and the prober. */
  readonly observability: boolean;
  /** Where Alertmanager sends alerts; null: nowhere. */
  readonly alertWebhook: string | null;
  /** Addresses or networks of proxies before the front door, whose X-Forwarded-For is believed. */
  readonly trustedProxies: readonly string[];
};

const OPTION_TYPES = {
  'data-dir': { type: 'string' },
  'port-offset': { type: 'string' },
  rate: { type: 'string' },
  users: { type: 'string' },
  'no-simulators': { type: 'boolean' },
  'no-rabbitmq': { type: 'boolean' },
  'no-rag': { type: 'boolean' },
  'no-vision': { type: 'boolean' },
  'camera-interval': { type: 'string' },
  'no-observability': { type: 'boolean' },
  'alert-webhook': { type: 'string' },
  'trust-proxy': { type: 'string' },
  purge: { type: 'boolean' },
  lines: { type: 'string' },
  'no-follow': { type: 'boolean' },
  grep: { type: 'string' },
  since: { type: 'string' },
  role: { type: 'string' },
  region: { type: 'string' },
  watch: { type: 'boolean' },
  interval: { type: 'string' },
  repeat: { type: 'string' },
  writes: { type: 'string' },
  telemetry: { type: 'string' },
  'freeze-ms': { type: 'string' },
  hypothesis: { type: 'string' },
  json: { type: 'boolean' },
  all: { type: 'boolean' },
  rejects: { type: 'string' },
  site: { type: 'string' },
  type: { type: 'string' },
  out: { type: 'string' },
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
  const simulators = values['no-simulators'] !== true;
  const proxies = trustedProxies(values['trust-proxy'] ?? process.env.TIER0_TRUST_PROXY ?? '');
  const instance = instanceOptions(values);
  const bad = badPort(instance.portOffset);
  if (bad !== null) {
    throw new UsageError(
      `--port-offset ${instance.portOffset} gives port ${bad}, which browsers refuse: take another`,
    );
  }
  return {
    ...instance,
    trustedProxies: simulators ? [TRUSTED_PROXY_ADDRESS, ...proxies] : proxies,
    rate: wholeNumber('--rate', values.rate ?? process.env.TIER0_RATE, 1_000, 1, FLEET_SIZE),
    users: wholeNumber('--users', values.users ?? process.env.TIER0_USERS, 1_000, 0, MAX_USERS),
    simulators,
    rabbitmq: values['no-rabbitmq'] !== true && process.env.TIER0_RABBITMQ !== 'false',
    rag: values['no-rag'] !== true && process.env.TIER0_RAG !== 'false',
    vision: values['no-vision'] !== true && process.env.TIER0_VISION !== 'false',
    cameraIntervalS: wholeNumber(
      '--camera-interval',
      values['camera-interval'] ?? process.env.TIER0_CAMERA_INTERVAL_S,
      60,
      0,
      86_400,
    ),
    observability: values['no-observability'] !== true && process.env.TIER0_OBSERVABILITY !== 'false',
    alertWebhook: webhook(values['alert-webhook'] ?? process.env.TIER0_ALERT_WEBHOOK ?? ''),
  };
}

/** null: none. Throws UsageError for what is no HTTP address. */
function webhook(text: string): string | null {
  if (text === '') return null;
  if (/^https?:$/.test(URL.parse(text)?.protocol ?? '')) return text;
  throw new UsageError(
    `--alert-webhook takes an address that begins with http:// or https://, not "${text}"`,
  );
}

/** Addresses and networks, separated by commas. Throws UsageError that names the one that is neither. */
function trustedProxies(text: string): string[] {
  const all = text.split(',').map((one) => one.trim());
  const proxies = all.filter((one) => one !== '');
  for (const proxy of proxies) {
    const [address = '', width, ...rest] = proxy.split('/');
    const bits = isIP(address) === 4 ? 32 : 128;
    const fits = width === undefined || (/^\d{1,3}$/.test(width) && Number(width) <= bits);
    if (isIP(address) === 0 || !fits || rest.length > 0)
      throw new UsageError(`--trust-proxy takes addresses or networks, not "${proxy}"`);
  }
  return proxies;
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

/** RabbitMQ's own folder first: what stands in sbin only runs for accounts of its package. */
const PROGRAM_FOLDERS = [
  '/usr/lib/rabbitmq/bin',
  '/usr/bin',
  '/usr/sbin',
  '/usr/local/bin',
  '/usr/local/sbin',
];

/** What is not started is not missed. */
function observers(find: (program: string, debianPackage: string) => string) {
  return {
    prometheus: find('prometheus', 'prometheus'),
    alertmanager: find('prometheus-alertmanager', 'prometheus-alertmanager'),
    postgresExporter: find('prometheus-postgres-exporter', 'prometheus-postgres-exporter'),
    redisExporter: find('prometheus-redis-exporter', 'prometheus-redis-exporter'),
    nginxExporter: find('prometheus-nginx-exporter', 'prometheus-nginx-exporter'),
  };
}

/** Where the engines are. Throws UsageError that names every missing package at once. */
export function findPrograms(observability: boolean): Programs {
  const missing: string[] = [];
  const find = (program: string, debianPackage: string): string => {
    const found = PROGRAM_FOLDERS.map((dir) => join(dir, program)).find((path) => existsSync(path));
    if (found === undefined) missing.push(`${program} (package ${debianPackage})`);
    return found ?? '';
  };
  const programs = {
    etcd: find('etcd', 'etcd-server'),
    redisServer: find('redis-server', 'redis-server'),
    redisSentinel: find('redis-sentinel', 'redis-sentinel'),
    mosquitto: find('mosquitto', 'mosquitto'),
    nginx: find('nginx', 'nginx-light'),
    rabbitmqServer: find('rabbitmq-server', 'rabbitmq-server'),
    rabbitmqctl: find('rabbitmqctl', 'rabbitmq-server'),
    epmd: find('epmd', 'erlang-base'),
    ...observers((program, debianPackage) => (observability ? find(program, debianPackage) : '')),
  };
  if (missing.length > 0) throw new UsageError(`not installed: ${missing.join(', ')}`);
  return programs;
}
