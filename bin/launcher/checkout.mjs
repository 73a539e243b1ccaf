/** What a checkout needs before the TypeScript programs can run: Node packages, Node 24, what is built. */
import { createHash } from 'node:crypto';
import {
  accessSync,
  constants,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { withLock } from './lock.mjs';
import { Failure, runStep, say } from './terminal.mjs';

const NODE_MAJOR = 24;
const NPM_LIMIT_S = 900;
const BUILD_LIMIT_S = 300;

/**
 * Node 24: this very program where it is recent enough, else the one among the Node packages. Before the
 * packages are installed it may not exist yet.
 */
export function nodeProgram(root) {
  if (Number(process.versions.node.split('.')[0]) >= NODE_MAJOR) return process.execPath;
  return join(root, 'node_modules', `node-${process.platform}-${process.arch}`, 'bin', 'node');
}

function readLock(file) {
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')).packages : null;
}

const includesHost = (list, value) => list === undefined || [list].flat().includes(value);

/** An optional package is left out on purpose only when it is for another platform, or names none at all. */
function isForHost(entry) {
  if (entry.os === undefined && entry.cpu === undefined) return false;
  return (
    includesHost(entry.os, process.platform) &&
    includesHost(entry.cpu, process.arch) &&
    includesHost(entry.libc, 'glibc')
  );
}

/**
 * Names of packages that package-lock.json wants and node_modules lacks or has in another version. npm writes
 * node_modules/.package-lock.json when it has finished and removes it before it starts, so an interrupted
 * installation shows as everything missing.
 */
export function outdatedPackages(wanted, installed) {
  return Object.entries(wanted)
    .filter(([path]) => path.includes('node_modules/'))
    .filter(([path, entry]) => {
      const actual = installed[path];
      if (actual === undefined) return entry.optional !== true || isForHost(entry);
      return actual.version !== entry.version || actual.integrity !== entry.integrity;
    })
    .map(([path]) => path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length));
}

/** null when the Node packages are as the lockfile says, else the reason why they must be installed. */
function nodePackagesReason(root) {
  const wanted = readLock(join(root, 'package-lock.json'));
  if (wanted === null) throw new Failure(`${root} has no package-lock.json: this is not a complete checkout`);
  const installed = readLock(join(root, 'node_modules', '.package-lock.json'));
  if (installed === null) return 'they are not there, or an installation was interrupted';
  const outdated = outdatedPackages(wanted, installed);
  if (outdated.length === 0) return null;
  const others = outdated.length > 1 ? ` and ${outdated.length - 1} more` : '';
  return `package-lock.json has changed: ${outdated[0]}${others}`;
}

/** A checkout that cannot be written is named before npm fails on it with pages of output. */
function requireWritable(folder) {
  try {
    accessSync(folder, constants.W_OK);
  } catch (error) {
    throw new Failure(
      `cannot write to ${folder} (${error.code}): put the checkout where this user can write`,
    );
  }
}

/** Installs the Node packages of the lockfile where they are missing or differ from it. Throws Failure. */
export async function prepareNodePackages(root) {
  if (nodePackagesReason(root) === null) return;
  await withLock(root, async () => {
    const reason = nodePackagesReason(root);
    if (reason === null) return;
    requireWritable(root);
    say(`installing the Node packages into node_modules with npm ci (${reason})`);
    const startedMs = performance.now();
    // Scripts of packages are not run: none of ours needs one. The build tools are development packages.
    const flags = ['--include=dev', '--include=optional', '--ignore-scripts', '--no-audit', '--no-fund'];
    await runStep('npm', ['ci', ...flags], { cwd: root, limitS: NPM_LIMIT_S });
    const left = nodePackagesReason(root);
    if (left !== null) throw new Failure(`npm ci succeeded, yet the Node packages are not complete: ${left}`);
    say(`Node packages installed in ${Math.round((performance.now() - startedMs) / 1000)} s`);
  });
  const node = nodeProgram(root);
  if (!existsSync(node)) {
    throw new Failure(
      `there is no Node ${NODE_MAJOR} for ${process.platform} on ${process.arch} among the packages: ` +
        `install Node ${NODE_MAJOR} and start again`,
    );
  }
}

const NOT_SOURCES = new Set(['dist', 'node_modules']);

function filesBelow(folder) {
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => !NOT_SOURCES.has(entry.name))
    .flatMap((entry) => {
      const path = join(folder, entry.name);
      return entry.isDirectory() ? filesBelow(path) : [path];
    })
    .sort();
}

/**
 * What is built from sources of the checkout. `folders` and `files` are all that it is made from; `run` builds
 * into a folder aside.
 */
const DASHBOARD = {
  name: 'dashboard',
  result: 'dashboard/dist',
  folders: ['dashboard'],
  files: ['package-lock.json', 'src/api/schemas.ts', 'src/lib/fleet.ts'],
  run: (root, aside) =>
    runStep(
      nodeProgram(root),
      [join(root, 'node_modules/vite/bin/vite.js'), 'build', '--outDir', aside, '--emptyOutDir'],
      { cwd: join(root, 'dashboard'), limitS: BUILD_LIMIT_S },
    ),
};

const SERVER = {
  name: 'server',
  result: 'build/server',
  folders: ['src'],
  files: ['package-lock.json', 'rolldown.config.mjs'],
  run: (root, aside) =>
    runStep(
      nodeProgram(root),
      [join(root, 'node_modules/rolldown/bin/cli.mjs'), '--config', 'rolldown.config.mjs', '--dir', aside],
      { cwd: root, limitS: BUILD_LIMIT_S },
    ),
};

/** Names and contents of all that it is made from. */
function fingerprintOf(root, { folders, files }) {
  const hash = createHash('sha256');
  const paths = [
    ...folders.flatMap((folder) => filesBelow(join(root, folder))),
    ...files.map((name) => join(root, name)),
  ];
  for (const path of paths) {
    if (!existsSync(path)) continue;
    hash
      .update(`${path.slice(root.length)}\0`)
      .update(readFileSync(path))
      .update('\0');
  }
  return hash.digest('hex');
}

/** Stands in the result, so that whatever else builds or removes it makes it count as outdated. */
const STAMP = '.built-from';

function isBuilt(root, built) {
  const stamp = join(root, built.result, STAMP);
  return existsSync(stamp) && readFileSync(stamp, 'utf8') === fingerprintOf(root, built);
}

async function prepareBuilt(root, built) {
  if (isBuilt(root, built)) return;
  await withLock(root, async () => {
    if (isBuilt(root, built)) return;
    const result = join(root, built.result);
    requireWritable(root);
    say(
      `building the ${built.name} (${existsSync(result) ? 'its sources have changed' : 'it has not been built yet'})`,
    );
    const startedMs = performance.now();
    const fingerprint = fingerprintOf(root, built);
    // Built aside and moved into place, so that a running system never meets half a bundle.
    const aside = join(root, 'node_modules', `.tier0-${built.name}`);
    rmSync(aside, { recursive: true, force: true });
    await built.run(root, aside);
    writeFileSync(join(aside, STAMP), fingerprint);
    rmSync(result, { recursive: true, force: true });
    mkdirSync(dirname(result), { recursive: true });
    renameSync(aside, result);
    say(`${built.name} built in ${((performance.now() - startedMs) / 1000).toFixed(1)} s`);
  });
}

/** Builds the dashboard where its sources differ from what dist/ was made from. Throws Failure. */
export const prepareDashboard = (root) => prepareBuilt(root, DASHBOARD);

/** Builds the server where its sources differ from what build/server was made from. Throws Failure. */
export const prepareServer = (root) => prepareBuilt(root, SERVER);
