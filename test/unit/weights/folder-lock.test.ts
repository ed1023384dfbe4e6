import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { lockFolder } from '../../../ts/weights/folder-lock.js';
import { useTemporaryFolder } from '../../support/temporary-folder.js';

describe('lockFolder', () => {
  const path = useTemporaryFolder();

  it('makes the folder, keeps others out and says what for, and leaves nothing behind', async () => {
    const unlock = await lockFolder(path('out'), 'drawing');
    await assert.rejects(lockFolder(path('out'), 'drawing'), { code: 'ERR_BUSY', message: /Another process is drawing in / });
    assert.deepEqual(readdirSync(path('out')), ['.lock']);
    await unlock();
    assert.deepEqual(readdirSync(path('out')), []);
  });

  it('takes over from a process that is gone, and cleans up after it', async () => {
    writeFileSync(path('.lock'), '999999999 12345\n');
    writeFileSync(path('.lock-999999999-0123abcd'), '');
    writeFileSync(path(`.lock-${process.pid}-0123abcd`), '');
    const unlock = await lockFolder(path(), 'drawing');
    assert.match(readFileSync(path('.lock'), 'utf8'), new RegExp(`^${process.pid} \\d+\n$`));
    assert.deepEqual(readdirSync(path()).sort(), ['.lock', `.lock-${process.pid}-0123abcd`]);
    await unlock();
  });

  it('takes over from a worker that was terminated', async () => {
    const module = JSON.stringify(join(__dirname, '../../../ts/weights/folder-lock.ts'));
    const code = `
      const { parentPort } = require('node:worker_threads');
      require('tsx/cjs');
      require(${module}).lockFolder(${JSON.stringify(path())}, 'drawing').then(() => parentPort.postMessage('locked'));
      parentPort.on('message', () => {});`;
    const worker = new Worker(code, { eval: true, execArgv: [] });
    assert.deepEqual(await once(worker, 'message'), ['locked']);
    await assert.rejects(lockFolder(path(), 'drawing'), { code: 'ERR_BUSY' });
    await worker.terminate();
    await (await lockFolder(path(), 'drawing'))();
  });

  it('fails with ERR_IO where no folder can be made', async () => {
    writeFileSync(path('file'), '');
    await assert.rejects(lockFolder(path('file', 'out'), 'drawing'), { code: 'ERR_IO', message: /cannot be written \(ENOTDIR\)/ });
  });
});
