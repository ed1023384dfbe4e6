import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { acquireLock, withLock } from '../../../native/toolchain/lock.mjs';

const LOCK = pathToFileURL(resolve(__dirname, '../../../native/toolchain/lock.mjs')).href;
let counter = 0;
const newKey = (): string => `test:${process.pid}:${counter++}`;

/** A process that takes the lock, says so, and keeps it. */
async function holder(key: string): Promise<{ pid: number; kill: () => Promise<void> }> {
  const script = `import(${JSON.stringify(LOCK)}).then(async (m) => { await m.acquireLock(${JSON.stringify(key)}); console.log('held'); setInterval(() => {}, 1000); })`;
  const child = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
  await once(child.stdout, 'data');
  const kill = async (): Promise<void> => {
    const closed = once(child, 'close');
    child.kill('SIGKILL');
    await closed;
  };
  return { pid: child.pid as number, kill };
}

describe('withLock', () => {
  it('lets one job in at a time', async () => {
    const key = newKey();
    let inside = 0;
    let most = 0;
    const job = async (): Promise<void> => {
      inside += 1;
      most = Math.max(most, inside);
      await new Promise((done) => setTimeout(done, 5));
      inside -= 1;
    };
    await Promise.all([1, 2, 3, 4].map(() => withLock(key, () => {}, job)));
    assert.equal(most, 1);
  });

  it('lets go when the job fails', async () => {
    const key = newKey();
    await assert.rejects(
      withLock(
        key,
        () => {},
        () => Promise.reject(new Error('no')),
      ),
      /no/,
    );
    assert.equal(
      await withLock(
        key,
        () => {},
        () => Promise.resolve(1),
      ),
      1,
    );
  });

  it('keeps different keys apart', async () => {
    const release = await acquireLock(newKey());
    assert.equal(
      await withLock(
        newKey(),
        () => assert.fail('waited'),
        () => Promise.resolve(1),
      ),
      1,
    );
    await release();
  });

  it('waits for another process, says which, and goes on when that is killed', async () => {
    const key = newKey();
    const other = await holder(key);
    const waited: number[] = [];
    const mine = withLock(
      key,
      (pid: number) => {
        waited.push(pid);
        void other.kill();
      },
      () => Promise.resolve('mine'),
    );
    assert.equal(await mine, 'mine');
    assert.deepEqual(waited, [other.pid]);
  });
});
