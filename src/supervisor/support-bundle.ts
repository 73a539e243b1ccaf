/**
 * `tier0 support-bundle`: what is needed to understand an instance from afar, in one file. Files of secrets are left
 * out, and every secret of the instance is taken out of every text.
 */
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  closeSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { wallMs } from '../lib/clock.ts';
import { describeError, UsageError } from '../lib/errors.ts';
import { httpCall } from '../lib/http-call.ts';
import { readRunState } from '../lib/run-state.ts';
import { readSecrets } from '../lib/secrets.ts';
import { GROUPS, topology } from '../lib/topology.ts';
import { status } from './commands.ts';
import type { InstanceOptions } from './config.ts';
import { doctor } from './doctor/command.ts';

/** Of each log its end; of each configuration all. */
const TEXT_MAX_BYTES = 4 * 1024 * 1024;
const CALL_MS = 5_000;
/** Who asked what is nobody's business but the operator's. */
const LEFT_OUT = /^edge-access\.log/;
const CONFIGURATION = /\.(conf|json|config)$/;
/** They hold nothing else than secrets. */
const SECRET_FILES = new Set(['secrets.json', 'passwords.json', 'pass', '.erlang.cookie', 'pgpass']);

const CONTENTS = `What this is: the state of a Tier-0 instance at one moment, made by "tier0 support-bundle".

doctor.txt   what the checks of "tier0 doctor" found
status.txt   every process
logs/        the end of each process' log; the front door's log of requests is left out
config/      generated configuration, every secret replaced by [secret]
metrics/     what each process says of itself, in Prometheus' form
records/     the cluster's state and history, availability and its incidents, drills
`;

/** Every secret of the instance, longest first, so that none is left that contains another. */
function secretsOf(dataDir: string): string[] {
  const found: string[] = [];
  const collect = (value: unknown): void => {
    if (typeof value === 'string') found.push(value);
    else if (typeof value === 'object' && value !== null) Object.values(value).forEach(collect);
  };
  collect(readSecrets(dataDir));
  return found.sort((a, b) => b.length - a.length);
}

/** The text without any of the secrets. Pure. */
export function redacted(text: string, secrets: readonly string[]): string {
  return secrets.reduce((rest, secret) => rest.replaceAll(secret, '[secret]'), text);
}

/** The last `TEXT_MAX_BYTES` of a file. */
function endOf(path: string): string {
  const size = statSync(path).size;
  const bytes = Buffer.alloc(Math.min(size, TEXT_MAX_BYTES));
  const file = openSync(path, 'r');
  try {
    const read = readSync(file, bytes, 0, bytes.length, size - bytes.length);
    return bytes.subarray(0, read).toString('utf8');
  } finally {
    closeSync(file);
  }
}

const filesIn = (dir: string): string[] =>
  existsSync(dir)
    ? readdirSync(dir, { withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map(({ name }) => name)
    : [];
const foldersIn = (dir: string): string[] =>
  existsSync(dir)
    ? readdirSync(dir, { withFileTypes: true })
        .filter((entry) => entry.isDirectory())
        .map(({ name }) => name)
    : [];

type Texts = Map<string, string>;

function addLogs(texts: Texts, dataDir: string): void {
  const dir = join(dataDir, 'logs');
  for (const name of filesIn(dir).filter((file) => !LEFT_OUT.test(file)))
    texts.set(`logs/${name}`, endOf(join(dir, name)));
}

function addConfiguration(texts: Texts, dataDir: string): void {
  for (const group of GROUPS) {
    for (const process of foldersIn(join(dataDir, group))) {
      const dir = join(dataDir, group, process);
      for (const name of filesIn(dir).filter((file) => CONFIGURATION.test(file) && !SECRET_FILES.has(file)))
        texts.set(`config/${group}-${process}-${name}`, endOf(join(dir, name)));
    }
  }
}

async function add(texts: Texts, file: string, port: number, path: string): Promise<void> {
  const { host } = topology(0);
  try {
    const { status: code, body } = await httpCall({ host, port, path, limitMs: CALL_MS });
    if (code !== 404) texts.set(file, body.slice(0, TEXT_MAX_BYTES));
  } catch (error) {
    texts.set(file, `${path} on port ${port}: ${describeError(error)}\n`);
  }
}

async function addAnswers(texts: Texts, dataDir: string, portOffset: number): Promise<void> {
  const { edge } = topology(portOffset);
  for (const group of GROUPS) {
    for (const { name, port } of readRunState(dataDir, group)?.processes ?? []) {
      // Sentinel and the like do not speak HTTP, which is what their answer says then.
      if (port !== null) await add(texts, `metrics/${group}-${name}.txt`, port, '/metrics');
    }
  }
  const records: readonly (readonly [string, number, string])[] = [
    ['status.json', edge.control, '/status'],
    ['validate.json', edge.control, '/validate'],
    ['history.json', edge.control, '/history'],
    ['health.json', edge.api, '/health'],
    ['availability.json', edge.api, '/api/availability'],
    ['incidents.json', edge.api, '/api/availability/incidents?limit=500'],
    ['drills.json', edge.api, '/api/drills?limit=200'],
    ['alerts.json', edge.api, '/api/observability/alerts'],
  ];
  for (const [file, port, path] of records) await add(texts, `records/${file}`, port, path);
}

/** Writes the texts into a compressed archive that only its maker can read. */
function pack(texts: Texts, target: string): void {
  const dir = mkdtempSync(join(tmpdir(), 'tier0-support-'));
  try {
    for (const [file, text] of texts) {
      mkdirSync(join(dir, file, '..'), { recursive: true });
      writeFileSync(join(dir, file), text, { mode: 0o600 });
    }
    execFileSync('tar', ['-czf', target, '-C', dir, '.']);
    chmodSync(target, 0o600);
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

/** Throws UsageError when there is no instance, or when the file cannot be made. */
export async function supportBundle(
  options: InstanceOptions,
  out: string | undefined,
  print: (line: string) => void,
): Promise<number> {
  const { dataDir } = options;
  if (!existsSync(join(dataDir, 'secrets.json')))
    throw new UsageError(`there is no instance in ${dataDir}; name its directory with --data-dir`);
  const stamp = new Date(wallMs()).toISOString().replaceAll(/[:.]/g, '-');
  const target = resolve(out ?? `tier0-support-${stamp}.tar.gz`);
  if (existsSync(target)) throw new UsageError(`${target} exists already`);
  const texts: Texts = new Map([['README.txt', CONTENTS]]);
  const lines = async (file: string, work: (line: (text: string) => void) => unknown): Promise<void> => {
    const said: string[] = [];
    await work((text) => said.push(text));
    texts.set(file, `${said.join('\n')}\n`);
  };
  await lines('doctor.txt', (line) => doctor(options, false, line));
  await lines('status.txt', (line) => status(options, line));
  addLogs(texts, dataDir);
  addConfiguration(texts, dataDir);
  await addAnswers(texts, dataDir, readRunState(dataDir, 'up')?.portOffset ?? options.portOffset);
  const secrets = secretsOf(dataDir);
  for (const [file, text] of texts) texts.set(file, redacted(text, secrets));
  try {
    pack(texts, target);
  } catch (error) {
    throw new UsageError(`${target} cannot be made: ${describeError(error)}`);
  }
  print(`${target}: ${texts.size} files, without secrets; look through it before you send it`);
  return 0;
}
