/** The system programs that Tier-0 runs: which are missing, and how they are installed. */
import { accessSync, constants, existsSync, readdirSync, readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Failure, runStep, say } from './terminal.mjs';

const INSTALLER = fileURLToPath(new URL('./install-packages.sh', import.meta.url));
const INSTALL_LIMIT_S = 1800;
const POSTGRES_MINIMUM = 15;
const POSTGRES_ROOT = '/usr/lib/postgresql';

/** Debian keeps servers where an ordinary user's PATH does not look. */
const SYSTEM_FOLDERS = ['/usr/local/sbin', '/usr/sbin', '/sbin'];

/** Each Debian package, the programs by which it is recognised (any of them will do), and what it is for. */
const PACKAGES = [
  { name: 'postgresql', why: 'the database, one server in each region', found: hasPostgres },
  { name: 'etcd-server', why: 'the cluster record, three members', programs: ['etcd'] },
  { name: 'redis-server', why: 'the cache, one in each region', programs: ['redis-server'] },
  { name: 'redis-sentinel', why: 'elects the master of the cache', programs: ['redis-sentinel'] },
  { name: 'mosquitto', why: 'the MQTT broker at the sites', programs: ['mosquitto'] },
  { name: 'mosquitto-clients', why: 'mosquitto_sub and mosquitto_pub', programs: ['mosquitto_sub'] },
  { name: 'rabbitmq-server', why: 'the queue of user events, three nodes', programs: ['rabbitmq-server'] },
  { name: 'nginx', why: 'the front door of both regions', programs: ['nginx'] },
  { name: 'prometheus', why: 'keeps the metrics and evaluates alerts', programs: ['prometheus'] },
  { name: 'prometheus-alertmanager', why: 'tells people of alerts', programs: ['prometheus-alertmanager'] },
  {
    name: 'prometheus-postgres-exporter',
    why: 'metrics of PostgreSQL',
    programs: ['prometheus-postgres-exporter'],
  },
  { name: 'prometheus-redis-exporter', why: 'metrics of Redis', programs: ['prometheus-redis-exporter'] },
  { name: 'prometheus-nginx-exporter', why: 'metrics of nginx', programs: ['prometheus-nginx-exporter'] },
  { name: 'iproute2', why: 'ss, which cuts connections to a lost region', programs: ['ss'] },
];
const BROWSER = {
  name: 'chromium',
  why: 'the dashboard tests drive it',
  programs: ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'],
};

/** PATH with the folders of system servers added, for this launcher's probes and for everything it starts. */
export function systemPath(path = process.env.PATH ?? '') {
  const known = path.split(delimiter).filter((folder) => folder !== '');
  return [...known, ...SYSTEM_FOLDERS.filter((folder) => !known.includes(folder))].join(delimiter);
}

/** True when a file of that name in PATH can be executed. */
function hasProgram(name, path = systemPath()) {
  return path.split(delimiter).some((folder) => isExecutable(join(folder, name)));
}

function isExecutable(file) {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** Only the distribution's servers count: a `postgres` elsewhere on PATH may lack initdb's files or be older. */
function hasPostgres() {
  if (!existsSync(POSTGRES_ROOT)) return false;
  return readdirSync(POSTGRES_ROOT).some(
    (version) =>
      Number(version) >= POSTGRES_MINIMUM && isExecutable(join(POSTGRES_ROOT, version, 'bin', 'postgres')),
  );
}

function missingPackages({ browser }) {
  const wanted = browser ? [...PACKAGES, BROWSER] : PACKAGES;
  return wanted.filter(({ found, programs }) =>
    found === undefined ? !programs.some((program) => hasProgram(program)) : !found(),
  );
}

/**
 * Decides from /etc/os-release whether this distribution's packages will do: 'apt', or what to say instead.
 * Debian 12 and Ubuntu 24.04 are the first with PostgreSQL 15.
 */
export function packageSource(osRelease) {
  const field = (key) => new RegExp(`^${key}="?([^"\n]*)"?$`, 'm').exec(osRelease)?.[1] ?? '';
  const ids = [field('ID'), ...field('ID_LIKE').split(' ')];
  const minimum = { debian: 12, ubuntu: 24.04 }[field('ID')];
  const version = Number(field('VERSION_ID') || Number.POSITIVE_INFINITY);
  if (minimum !== undefined && version < minimum) {
    return `${field('PRETTY_NAME')} has an older PostgreSQL than ${POSTGRES_MINIMUM}`;
  }
  if (ids.includes('debian') || ids.includes('ubuntu')) return 'apt';
  return `this is not Debian or Ubuntu (${field('PRETTY_NAME') || 'unknown system'})`;
}

/** Installs what is missing after saying so. Throws Failure when it may not or cannot. */
export async function preparePackages({ browser }) {
  const missing = missingPackages({ browser });
  if (missing.length === 0) return;
  const names = missing.map(({ name }) => name);
  say(`${missing.length} system ${missing.length === 1 ? 'package is' : 'packages are'} missing:`);
  for (const { name, why } of missing) say(`  ${name.padEnd(28)} ${why}`);
  const startedMs = performance.now();
  await installPackages(names);
  const still = missingPackages({ browser }).map(({ name }) => name);
  if (still.length > 0) {
    throw new Failure(`apt-get succeeded, yet these programs cannot be found: ${still.join(', ')}`);
  }
  say(`packages installed in ${Math.round((performance.now() - startedMs) / 1000)} s`);
}

/** Installs these packages with apt-get as root, their system services left off. Throws Failure. */
export async function installPackages(names) {
  requireApt(names);
  const how = await findRoot(names);
  say(`installing with apt-get${how.length > 0 ? ' through sudo' : ''}; their system services stay off,`);
  say(
    'and no default PostgreSQL cluster is made: Tier-0 runs its own processes. This takes a minute or two.',
  );
  await runStep(how[0] ?? 'sh', [...how.slice(1), ...(how.length > 0 ? ['sh'] : []), INSTALLER, ...names], {
    env: { ...process.env, PATH: systemPath() },
    limitS: INSTALL_LIMIT_S,
    attached: how.length === 1,
    finish: true,
  });
}

function requireApt(names) {
  const osRelease = existsSync('/etc/os-release') ? readFileSync('/etc/os-release', 'utf8') : '';
  const source = packageSource(osRelease);
  if (source === 'apt' && hasProgram('apt-get')) return;
  const because = source === 'apt' ? 'apt-get is missing' : source;
  throw new Failure(
    `${because}, so nothing is installed here automatically.\n` +
      `Install these programs (names as in Debian; PostgreSQL ${POSTGRES_MINIMUM} or newer) and start again:\n` +
      `  ${names.join(' ')}`,
  );
}

/** The command prefix that makes us root: nothing, `sudo -n`, or `sudo` where somebody can type a password. */
async function findRoot(names) {
  if (process.getuid?.() === 0) return [];
  if (hasProgram('sudo')) {
    const allowed = await runStep('sudo', ['-n', 'true'], { limitS: 10 }).then(
      () => true,
      (error) => {
        if (error instanceof Failure) return false;
        throw error;
      },
    );
    if (allowed) return ['sudo', '-n'];
    if (process.stdin.isTTY) return ['sudo'];
  }
  throw new Failure(
    'installing packages needs root, and this user may not use sudo without a password here.\n' +
      'Run this as root, then start again (it is apt-get install with the system services left off):\n' +
      `  sh ${INSTALLER} ${names.join(' ')}`,
  );
}
