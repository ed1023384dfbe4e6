// One process at a time. The lock is an abstract Unix socket: the kernel frees it the instant its
// holder dies, also by kill -9, so there are no stale locks to guess about and nothing to write to a
// read-only disk; and those who wait are woken by their connection closing instead of polling.

import { createHash } from 'node:crypto';
import { createServer, connect } from 'node:net';

function listen(name) {
  return new Promise((resolve, reject) => {
    const waiting = new Set();
    const server = createServer((socket) => {
      waiting.add(socket);
      socket.on('error', () => {}).on('close', () => waiting.delete(socket));
      socket.write(`${process.pid}\n`);
    });
    server.on('error', reject);
    server.listen(name, () => {
      server.unref();
      resolve(
        () =>
          new Promise((done) => {
            server.close(() => done());
            for (const socket of waiting) socket.destroy();
          }),
      );
    });
  });
}

// Resolves when the holder lets go, for whatever reason.
function waitForHolder(name, onWait) {
  return new Promise((resolve) => {
    const socket = connect(name);
    socket.once('data', (data) => onWait(Number(data)));
    socket.on('error', () => {}).on('close', () => resolve());
  });
}

/**
 * Takes the lock called `key`, waiting for other processes of this machine that hold it, and returns
 * release(). `onWait(pid)` is called once, when there is somebody to wait for.
 */
export async function acquireLock(key, onWait = () => {}) {
  const name = `\0deepcode-${createHash('sha256').update(key).digest('hex').slice(0, 32)}`;
  let told = false;
  const tellOnce = (pid) => {
    if (!told) onWait(pid);
    told = true;
  };
  for (;;) {
    try {
      return await listen(name);
    } catch (error) {
      if (error.code !== 'EADDRINUSE') throw error;
      await waitForHolder(name, tellOnce);
      // A holder that is just leaving refuses the connection at once; do not spin meanwhile.
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
}

/** Runs `job` while holding the lock called `key`. */
export async function withLock(key, onWait, job) {
  const release = await acquireLock(key, onWait);
  try {
    return await job();
  } finally {
    await release();
  }
}
