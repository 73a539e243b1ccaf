/** The launcher, run as users run it: on the host's Node, in copies that hold nothing but bin/. */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { after as afterAll, before, describe, test } from 'node:test';
import { outdatedPackages } from '../bin/launcher/checkout.mjs';
import { packageSource } from '../bin/launcher/packages.mjs';
import { ROOT } from './source-facts.ts';

const isRoot = process.getuid?.() === 0;
const SETPRIV = '/usr/bin/setpriv';
const NOBODY = [SETPRIV, '--reuid=65534', '--regid=65534', '--clear-groups'];
/** Debian's system folders are probed always, so only what is in /usr/bin can be hidden by a PATH. */
const HIDDEN = ['etcd-server', 'redis-server', 'redis-sentinel', 'mosquitto-clients'];

/** The Node that users have, not the one among our packages; null when there is no other. */
function hostNode(): string | null {
  const folders = (process.env.PATH ?? '')
    .split(delimiter)
    .filter((folder) => !folder.includes('node_modules'));
  return folders.map((folder) => join(folder, 'node')).find((path) => existsSync(path)) ?? null;
}

const node = hostNode() ?? process.execPath;
/** Why a user without rights cannot run the launcher here (Node in a private folder), or false. */
const cannotLaunch =
  isRoot && spawnSync(SETPRIV, [...NOBODY.slice(1), node, '--version']).status !== 0
    ? `nobody cannot run ${node}`
    : false;

let checkout = '';
before(() => {
  checkout = mkdtempSync(join(tmpdir(), 'tier0-launcher-'));
  chmodSync(checkout, 0o755);
  cpSync(join(ROOT, 'bin'), join(checkout, 'bin'), { recursive: true });
  for (const file of ['package.json', 'package-lock.json']) cpSync(join(ROOT, file), join(checkout, file));
  const programs = join(checkout, 'programs');
  mkdirSync(programs);
  symlinkSync(node, join(programs, 'node'));
  writeFileSync(join(programs, 'apt-get'), '#!/bin/sh\nexit 99\n', { mode: 0o755 });
});
afterAll(() => rmSync(checkout, { recursive: true, force: true }));

type Ended = { code: number | null; stdout: string; stderr: string };

async function ended(child: ChildProcess): Promise<Ended> {
  const texts = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name]?.setEncoding('utf8').on('data', (chunk: string) => {
      texts[name] += chunk;
    });
  }
  const [code]: (number | null)[] = await once(child, 'close');
  return { code: code ?? null, ...texts };
}

/** Runs the launcher of the copy as a user without rights. */
function launch(args: readonly string[], path = process.env.PATH): Promise<Ended> {
  const command = [node, join(checkout, 'bin/tier0.mjs'), ...args];
  const [program = '', ...rest] = isRoot ? [...NOBODY, ...command] : command;
  return ended(spawn(program, rest, { cwd: '/', env: { ...process.env, PATH: path } }));
}

describe('before any preparation', { skip: cannotLaunch }, () => {
  test('--help lists the commands', async () => {
    const { code, stdout } = await launch(['--help']);
    assert.equal(code, 0);
    for (const command of ['up', 'down', 'status', 'logs', 'bench', 'self-test', 'self-check']) {
      assert.match(stdout, new RegExp(`^ +tier0 ${command}\\b`, 'm'));
    }
    assert.deepEqual(await launch(['up', '--help']), { code: 0, stdout, stderr: '' });
  });

  test('--version is that of package.json', async () => {
    const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
    assert.deepEqual(await launch(['--version']), { code: 0, stdout: `${version}\n`, stderr: '' });
  });
});

describe('what is missing', () => {
  const source = packageSource(readFileSync('/etc/os-release', 'utf8'));
  const cannotMiss = cannotLaunch || (source === 'apt' ? false : source);

  test('packages without root and sudo: one message with the command to run', {
    skip: cannotMiss,
  }, async () => {
    const { code, stderr } = await launch(['up'], join(checkout, 'programs'));
    assert.equal(code, 1);
    for (const name of HIDDEN) assert.match(stderr, new RegExp(`^tier0: {3}${name} `, 'm'));
    assert.match(stderr, /Run this as root.*\n.*sh .*\/install-packages\.sh .*etcd-server redis-server/);
    assert.doesNotMatch(stderr, /\n\s+at /);
  });

  test('a checkout that cannot be written is named', { skip: cannotLaunch || !isRoot }, async () => {
    const { code, stderr } = await launch(['status']);
    assert.equal(code, 1);
    assert.match(stderr, new RegExp(`cannot write to ${checkout} \\(EACCES\\)`));
    assert.doesNotMatch(stderr, /\n\s+at /);
  });

  test('an unsuitable distribution is told so', () => {
    assert.equal(packageSource('ID=debian\nVERSION_ID="12"\n'), 'apt');
    assert.equal(packageSource('PRETTY_NAME="Debian testing"\nID=debian\n'), 'apt');
    assert.equal(packageSource('ID=linuxmint\nID_LIKE="ubuntu debian"\nVERSION_ID="22"\n'), 'apt');
    assert.match(
      packageSource('PRETTY_NAME="Ubuntu 22.04"\nID=ubuntu\nVERSION_ID="22.04"\n'),
      /^Ubuntu 22\.04 has an older/,
    );
    assert.match(packageSource('PRETTY_NAME="Fedora 42"\nID=fedora\n'), /not Debian or Ubuntu \(Fedora 42\)/);
    assert.match(packageSource(''), /unknown system/);
  });

  test('Node packages are compared with the lockfile', () => {
    const entry = { version: '1.0.0', integrity: 'sha512-a' };
    const wanted = { '': {}, dashboard: {}, 'node_modules/a': entry };
    assert.deepEqual(outdatedPackages(wanted, {}), ['a']);
    assert.deepEqual(outdatedPackages(wanted, { 'node_modules/a': entry }), []);
    assert.deepEqual(outdatedPackages(wanted, { 'node_modules/a': { ...entry, integrity: 'sha512-b' } }), [
      'a',
    ]);
    const optional = { ...entry, optional: true };
    const host = { ...optional, os: process.platform, cpu: process.arch };
    assert.deepEqual(outdatedPackages({ 'node_modules/b': optional }, {}), []);
    assert.deepEqual(outdatedPackages({ 'node_modules/b': { ...host, os: ['plan9'] } }, {}), []);
    assert.deepEqual(outdatedPackages({ 'node_modules/b': { ...host, libc: ['musl'] } }, {}), []);
    assert.deepEqual(outdatedPackages({ 'node_modules/b': host }, {}), ['b']);
  });
});

type Script = { child: ChildProcess; lines: AsyncIterator<string>; errors: AsyncIterator<string> };

/** Starts a script that uses the launcher's modules; its output comes line by line. */
function script(source: string): Script {
  const child = spawn(process.execPath, ['--input-type=module', '-e', source]);
  const linesOf = (input: Readable): AsyncIterator<string> =>
    createInterface({ input })[Symbol.asyncIterator]();
  return { child, lines: linesOf(child.stdout), errors: linesOf(child.stderr) };
}

async function next(lines: AsyncIterator<string>): Promise<string> {
  const { value, done } = await lines.next();
  return done === true ? '(ended)' : value;
}

describe('signals', () => {
  const program = `
    for (const name of ['SIGINT', 'SIGTERM']) process.on(name, () => {
      console.log(name);
      setTimeout(() => process.exit(7), 100);
    });
    setInterval(() => {}, 1000);
    console.log(process.pid);`;
  const launcher = `
    import { forwardSignals, runForeground } from '${join(ROOT, 'bin/launcher/terminal.mjs')}';
    forwardSignals();
    process.exitCode = await runForeground(process.execPath, ['-e', ${JSON.stringify(program)}], process.env);`;

  test('a signal that comes twice is passed on once, and the exit code comes back', async () => {
    const { child, lines } = script(launcher);
    const exited = once(child, 'exit');
    await next(lines);
    child.kill('SIGINT');
    child.kill('SIGINT');
    assert.equal(await next(lines), 'SIGINT');
    assert.equal(await next(lines), '(ended)');
    assert.deepEqual(await exited, [7, null]);
  });

  test('a launcher that is killed outright takes its program along', {
    skip: !existsSync(SETPRIV),
  }, async () => {
    const { child, lines } = script(launcher);
    await next(lines);
    child.kill('SIGKILL');
    // The kernel may tell the program once for every thread of the launcher that was left.
    assert.equal(await next(lines), 'SIGTERM');
  });
});

describe('under npm', () => {
  const program = `console.log(process.pid); process.on('SIGTERM', () => { console.log('SIGTERM'); process.exit(); });
    setInterval(() => {}, 1000);`;
  const launcher = `
    import { forwardSignals, runForeground } from '${join(ROOT, 'bin/launcher/terminal.mjs')}';
    forwardSignals();
    process.exitCode = await runForeground(process.execPath, ['-e', ${JSON.stringify(program)}], process.env);`;

  test('the end of the shell in between ends the program', async () => {
    const env = { ...process.env, npm_command: 'exec', LAUNCHER: launcher, NODE: process.execPath };
    // The second command keeps the shell from replacing itself by the first.
    const shell = spawn('sh', ['-c', '"$NODE" --input-type=module -e "$LAUNCHER"; true'], { env });
    const lines = createInterface({ input: shell.stdout })[Symbol.asyncIterator]();
    assert.match(await next(lines), /^\d+$/);
    shell.kill('SIGTERM');
    assert.equal(await next(lines), 'SIGTERM');
    // The launcher holds the pipe too: its end is the launcher's.
    assert.equal(await next(lines), '(ended)');
  });
});

describe('two launchers at once', () => {
  /** Holds the lock until its standard input ends. */
  const holder = `
    import { withLock } from '${join(ROOT, 'bin/launcher/lock.mjs')}';
    await withLock(${JSON.stringify(tmpdir())}, async () => {
      console.log('in');
      for await (const chunk of process.stdin) console.log(chunk);
      console.log('out');
    });`;

  async function secondWaits(first: Script): Promise<Script> {
    assert.equal(await next(first.lines), 'in');
    const second = script(holder);
    assert.match(await next(second.errors), new RegExp(`process ${first.child.pid}\\) is preparing`));
    return second;
  }

  test('the second waits until the first has finished', async () => {
    const first = script(holder);
    const second = await secondWaits(first);
    first.child.stdin?.end();
    assert.equal(await next(first.lines), 'out');
    assert.equal(await next(second.lines), 'in');
    second.child.stdin?.end();
    assert.equal(await next(second.lines), 'out');
  });

  test('a lock ends with its owner, however that ends', async () => {
    const first = script(holder);
    const second = await secondWaits(first);
    first.child.kill('SIGKILL');
    assert.equal(await next(second.lines), 'in');
    second.child.stdin?.end();
    assert.equal(await next(second.lines), 'out');
  });
});

test('the installer of packages refuses to run without root', {
  skip: !isRoot || !existsSync('/bin/sh'),
}, async () => {
  const [program = '', ...args] = [
    ...NOBODY,
    'sh',
    join(checkout, 'bin/launcher/install-packages.sh'),
    'nginx',
  ];
  const { code, stderr } = await ended(spawn(program, args));
  assert.equal(code, 1);
  assert.match(stderr, /must run as root/);
});
