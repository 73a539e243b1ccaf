/** What the launcher says, the programs it waits for, and the signals it passes on. */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';

/** An expected failure: shown as it is, without a stack. */
export class Failure extends Error {
  constructor(message, exitCode = 1) {
    super(message);
    this.exitCode = exitCode;
  }
}

/** Preparation is reported on standard error, so that standard output holds only the command's own result. */
export function say(line) {
  process.stderr.write(`tier0: ${line}\n`);
}

/** What a failing program's output is known to mean; the first that matches is shown. */
const HINTS = [
  [
    /are in sync/,
    'package-lock.json does not belong to the package.json files: `npm install` brings it up to date.',
  ],
  [/ENOSPC|no space left/i, 'The disk is full: free some space and start again.'],
  [/EROFS|read-only file system/i, 'The file system is read-only: put the checkout where it can be written.'],
  [/EACCES|EPERM|permission denied/i, 'This user may not write there: check who owns the checkout.'],
  [
    /ENOTFOUND|EAI_AGAIN|ETIMEDOUT|ECONNREFUSED|ECONNRESET|could not resolve|temporary failure resolving/i,
    'The network or the proxy did not answer: check the connection and start again.',
  ],
  [/failed to execute/, 'It is not installed or not on PATH.'],
  [/EINTEGRITY/, 'A package differs from package-lock.json: run `npm cache clean --force` and start again.'],
  [
    /unable to locate package|no installation candidate/i,
    'On Ubuntu, enable the "universe" component first.',
  ],
  [/could not get lock/i, 'Another package manager is at work: wait until it has finished and start again.'],
  [/dpkg was interrupted/i, 'Run `dpkg --configure -a` as root first.'],
];

/** The hint for a program's output or an error's message; an empty text when nothing is known. */
export function hintFor(text) {
  return HINTS.find(([pattern]) => pattern.test(text))?.[1] ?? '';
}

const KEPT_BYTES = 64 * 1024;
const SHOWN_LINES = 15;

let interrupted = null;
let running = null;
const REPEATED_SIGNAL_MS = 500;
const PARENT_WATCH_MS = 500;
let forwardedAtMs = Number.NEGATIVE_INFINITY;

/** Passes a signal on to the program that runs now, or ends this launcher when none runs. */
function receive(signal) {
  const now = performance.now();
  if (now - forwardedAtMs < REPEATED_SIGNAL_MS) return;
  forwardedAtMs = now;
  interrupted ??= signal;
  if (running === null) process.exit(exitCodeOf(null, signal));
  running(signal);
}

/**
 * Passes SIGINT, SIGTERM and SIGHUP on. Ctrl-C under `npm start` arrives here twice, from the terminal and
 * from npm; what follows within half a second counts as the same one. npx starts us through a shell, and when
 * npx is told to end, that shell ends without telling us: so under npm, the loss of our parent is a SIGTERM.
 */
export function forwardSignals() {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, receive);
  if (process.env.npm_command === undefined) return;
  const parent = process.ppid;
  const watch = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(watch);
    receive('SIGTERM');
  }, PARENT_WATCH_MS);
  watch.unref();
}

function exitCodeOf(code, signal) {
  const numbers = { SIGHUP: 1, SIGINT: 2, SIGKILL: 9, SIGTERM: 15 };
  return code ?? 128 + (numbers[signal] ?? 0);
}

/** Resolves with the exit code (128 + signal number after a signal); rejects when it cannot be started. */
function exited(child) {
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => resolve(exitCodeOf(code, signal)));
  });
}

/** Signals what has a process group of its own as a group; one that ended meanwhile needs no signal. */
function signalChild(child, signal, wholeGroup) {
  try {
    process.kill(wholeGroup ? -child.pid : child.pid, signal);
  } catch (error) {
    // EPERM: sudo runs as root and ends by itself once its command has.
    if (error.code !== 'ESRCH' && error.code !== 'EPERM') throw error;
  }
}

const SETPRIV = '/usr/bin/setpriv';

/** The command such that the kernel sends it this signal should this launcher be killed outright. */
function endingWithUs(signal, program, args) {
  return existsSync(SETPRIV) ? [SETPRIV, '--pdeathsig', signal, program, ...args] : [program, ...args];
}

/**
 * Runs one preparing step and keeps its output to itself unless it fails. Throws Failure with the last lines
 * and a hint. `attached` leaves it in the terminal's process group (a password prompt needs that);
 * `finish` lets it end in its own time when a signal comes (half a package installation helps nobody).
 */
export async function runStep(program, args, { cwd, env, limitS, attached = false, finish = false }) {
  const [first, ...rest] = finish ? [program, ...args] : endingWithUs('KILL', program, args);
  const child = spawn(first, rest, {
    cwd,
    env: env ?? process.env,
    stdio: [attached ? 'inherit' : 'ignore', 'pipe', 'pipe'],
    detached: !attached,
  });
  let output = '';
  const keep = (chunk) => {
    output = (output + chunk).slice(-KEPT_BYTES);
  };
  child.stdout.setEncoding('utf8').on('data', keep);
  child.stderr.setEncoding('utf8').on('data', keep);
  running = (signal) => {
    if (finish) say('stopping as soon as the step in progress has finished');
    signalChild(child, signal, !attached && !finish);
  };
  const limit = setTimeout(() => {
    keep(`\nended after ${limitS} s without a result\n`);
    signalChild(child, 'SIGKILL', !attached);
  }, limitS * 1000);
  const shown = [program, ...args].join(' ');
  try {
    const code = await exited(child);
    if (interrupted !== null) throw new Failure(`stopped by ${interrupted}`, exitCodeOf(null, interrupted));
    if (code !== 0) throw new Failure(failureText(`\`${shown}\` failed (exit code ${code})`, output));
    return output;
  } catch (error) {
    if (error.code === 'ENOENT') throw new Failure(`\`${program}\` is not installed or not on PATH`);
    throw error;
  } finally {
    clearTimeout(limit);
    running = null;
  }
}

function failureText(message, output) {
  const lines = output.trimEnd().split('\n');
  const shown = lines.filter((line) => !line.startsWith('npm warn')).slice(-SHOWN_LINES);
  const hint = hintFor(output);
  return [`${message}. Its last lines:`, ...shown.map((line) => `  ${line}`), ...(hint ? [hint] : [])].join(
    '\n',
  );
}

/**
 * Runs the program that was asked for on this terminal and resolves with its exit code. It gets a session of
 * its own, so that a Ctrl-C reaches it once, from here.
 */
export async function runForeground(program, args, env) {
  const [first, ...rest] = endingWithUs('TERM', program, args);
  const child = spawn(first, rest, { env, stdio: 'inherit', detached: true });
  running = (signal) => signalChild(child, signal, false);
  try {
    return await exited(child);
  } finally {
    running = null;
  }
}
