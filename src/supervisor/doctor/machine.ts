/** The machine: processors, memory, disk, limits, programs and permissions. */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, statfsSync, statSync } from 'node:fs';
import { availableParallelism, freemem, totalmem } from 'node:os';
import { dirname, join } from 'node:path';
import { describeError } from '../../lib/errors.ts';
import { postgresBinDir } from '../../lib/postgres-programs.ts';
import { findPrograms } from '../config.ts';
import type { Programs } from '../process-spec.ts';
import { type Finding, fail, ok, warn } from './finding.ts';

const GIB = 2 ** 30;
/** With the simulators; README.md says what a machine needs. */
const LEAST = { cores: 2, memoryBytes: 6 * GIB, diskBytes: 5 * GIB, diskShare: 0.1, files: 8_192 };
const NODE_MAJOR = 24;
const VERSION_LIMIT_MS = 10_000;

const gib = (bytes: number): string => `${(bytes / GIB).toFixed(1)} GiB`;

/** The nearest directory that exists: before the first start the data directory does not. */
function existing(path: string): string {
  return existsSync(path) || path === dirname(path) ? path : existing(dirname(path));
}

function processors(): Finding {
  const cores = availableParallelism();
  const found = `${cores} processor${cores === 1 ? '' : 's'}`;
  if (cores >= LEAST.cores) return ok('processors', found);
  return warn('processors', found, `give it ${LEAST.cores}, or less work: --rate, --users, --no-vision`);
}

function memory(): Finding {
  const found = `${gib(freemem())} free of ${gib(totalmem())}`;
  if (totalmem() >= LEAST.memoryBytes) return ok('memory', found);
  return warn('memory', found, `give it ${gib(LEAST.memoryBytes)}, or less work: --no-vision, --no-rag`);
}

function disk(dataDir: string): Finding {
  const place = existing(dataDir);
  const { bavail, blocks, bsize } = statfsSync(place);
  const free = bavail * bsize;
  const found = `${gib(free)} free of ${gib(blocks * bsize)} under ${place}`;
  if (free < LEAST.diskBytes) return fail('disk', found, 'free some of it: docs/runbooks/disk-fills.md');
  if (bavail / blocks < LEAST.diskShare)
    return warn('disk', found, 'less than a tenth is free: docs/runbooks/disk-fills.md');
  return ok('disk', found);
}

function openFiles(): Finding {
  const line = /^Max open files\s+(\S+)\s+(\S+)/m.exec(readFileSync('/proc/self/limits', 'utf8'));
  const hard = line?.[2] === 'unlimited' ? Number.POSITIVE_INFINITY : Number(line?.[2] ?? 0);
  const found = `up to ${hard} open files`;
  if (hard >= LEAST.files) return ok('open files', found);
  return warn(
    'open files',
    found,
    `raise the limit: ulimit -Hn ${LEAST.files * 4} as root, before the start`,
  );
}

function node(): Finding {
  const major = Number(process.versions.node.split('.')[0]);
  if (major >= NODE_MAJOR) return ok('node', process.version);
  return fail('node', process.version, 'run it as npx tier0 or npm start, which bring Node 24');
}

/** The option by which each program says its version. */
const VERSION_OPTIONS: Readonly<Partial<Record<keyof Programs, readonly string[]>>> = {
  etcd: ['--version'],
  redisServer: ['--version'],
  mosquitto: ['-h'],
  nginx: ['-v'],
  prometheus: ['--version'],
  alertmanager: ['--version'],
};

/** nginx and Mosquitto say it where errors go, and Mosquitto's help ends with 3. */
function versionOf(program: string, options: readonly string[]): string {
  const { stdout, stderr, error } = spawnSync(program, options, {
    encoding: 'utf8',
    timeout: VERSION_LIMIT_MS,
  });
  if (error !== undefined) return `does not say its version: ${describeError(error)}`;
  return /\d+\.\d+(\.\d+)?/.exec(`${stdout}${stderr}`)?.[0] ?? 'of unknown version';
}

function programs(): Finding[] {
  try {
    const found = findPrograms(true);
    const bin = postgresBinDir();
    const versions = Object.entries(VERSION_OPTIONS).map(([name, options]) => {
      const path = Object.entries(found).find(([key]) => key === name)?.[1] ?? name;
      return `${name} ${versionOf(path, options)}`;
    });
    return [
      ok('programs', [`postgres ${versionOf(join(bin, 'postgres'), ['--version'])}`, ...versions].join(', ')),
    ];
  } catch (error) {
    return [fail('programs', describeError(error), 'npm start installs them on Debian and Ubuntu')];
  }
}

/** Nobody but us reads the secrets, and the engines' account can pass through to its files. */
function permissions(dataDir: string): Finding[] {
  const secrets = join(dataDir, 'secrets.json');
  if (!existsSync(secrets)) return [ok('secrets', 'none yet: they are made at the first start')];
  const { mode, uid } = statSync(secrets);
  const shown = (mode & 0o777).toString(8).padStart(4, '0');
  const findings = [
    (mode & 0o077) === 0
      ? ok('secrets', `mode ${shown}`)
      : fail('secrets', `mode ${shown}: others can read ${secrets}`, `chmod 600 ${secrets}`),
  ];
  const own = process.getuid?.() ?? uid;
  if (own !== 0 && own !== uid)
    findings.push(fail('owner', `${secrets} belongs to user ${uid}, this is ${own}`, 'run it as that user'));
  return findings;
}

export function machineFindings(dataDir: string): Finding[] {
  return [processors(), memory(), disk(dataDir), openFiles(), node(), ...programs(), ...permissions(dataDir)];
}
