/** One preparation of a checkout at a time. */
import { createHash } from 'node:crypto';
import { realpathSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { Failure, say } from './terminal.mjs';

const WAIT_LIMIT_S = 1200;

/**
 * Runs `work` while no other launcher prepares the same checkout. The lock is a name in Linux' abstract socket
 * namespace: the kernel drops it with its owner, so that no stale lock is ever left behind, also after kill -9.
 */
export async function withLock(root, work) {
  const name = `\0tier0-prepare-${createHash('sha256').update(realpathSync(root)).digest('hex').slice(0, 32)}`;
  const deadlineMs = performance.now() + WAIT_LIMIT_S * 1000;
  let toldAbout = '';
  for (;;) {
    const server = await tryListen(name);
    if (server !== null) {
      try {
        return await work();
      } finally {
        server.close();
        for (const waiting of server.waiting) waiting.destroy();
      }
    }
    await ownerGone(name, deadlineMs, (owner) => {
      if (owner === toldAbout) return;
      toldAbout = owner;
      say(`another tier0 (process ${owner}) is preparing this checkout; waiting for it`);
    });
  }
}

/** The listening server, or null when another process holds the name. */
function tryListen(name) {
  return new Promise((resolve, reject) => {
    const server = createServer((socket) => {
      server.waiting.add(socket);
      socket.on('error', () => socket.destroy());
      socket.on('close', () => server.waiting.delete(socket));
      socket.write(String(process.pid));
    });
    server.waiting = new Set();
    server.once('error', (error) => (error.code === 'EADDRINUSE' ? resolve(null) : reject(error)));
    server.listen({ path: name }, () => resolve(server));
  });
}

/** Resolves when the owner has let go or died; tells its process id meanwhile. */
function ownerGone(name, deadlineMs, tell) {
  return new Promise((resolve, reject) => {
    const socket = connect({ path: name });
    const limit = setTimeout(() => {
      socket.destroy();
      reject(new Failure(`waited ${WAIT_LIMIT_S} s for another tier0 that prepares this checkout; gave up`));
    }, deadlineMs - performance.now());
    socket.setEncoding('utf8').on('data', tell);
    // A refused connection means that the owner ended between the two calls: the caller tries again.
    socket.on('error', () => socket.destroy());
    socket.on('close', () => {
      clearTimeout(limit);
      resolve();
    });
  });
}
