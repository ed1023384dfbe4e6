import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { readSafetensors, writeSafetensors } from '../../ts/weights/safetensors.js';
import type { TensorData } from '../../ts/weights/tensor-data.js';
import { killWriter } from '../support/killed-writes.js';
import { MOUNTING_SHELL, requireMounting } from '../support/mounting.js';
import { useTemporaryFolder } from '../support/temporary-folder.js';

const scalar: TensorData = { dtype: 'F32', shape: [], data: new Float32Array([3]) };
const CHILD = join(__dirname, '..', 'support', 'save-faults-child.ts');

describe('faults while saving weights', () => {
  const at = useTemporaryFolder();

  it('a device as target is refused, not replaced', async () => {
    symlinkSync('/dev/full', at('full'));
    await assert.rejects(writeSafetensors(at('full'), { scalar }), { code: 'ERR_IO' });
    await assert.rejects(writeSafetensors('/dev/full', { scalar }), { code: 'ERR_IO' });
    assert.deepEqual(readdirSync(at()), ['full']);
  });

  it('a folder as target is refused', async () => {
    mkdirSync(at('m.safetensors'));
    await assert.rejects(writeSafetensors(at('m.safetensors'), { scalar }), { code: 'ERR_IO' });
    assert.deepEqual(readdirSync(at()), ['m.safetensors']);
  });

  it('a folder that takes no files gives ERR_IO', async () => {
    for (const path of ['/proc/m.safetensors', at('absent', 'm.safetensors')]) {
      await assert.rejects(writeSafetensors(path, { scalar }), { code: 'ERR_IO', message: /^Cannot write / });
    }
  });

  /** Runs shell commands in which `prepare` and `attempt` stand for the child. */
  function run(commands: string[], shell: readonly string[]): unknown {
    const child = (mode: string): string => `'${process.execPath}' --import tsx '${CHILD}' ${mode} '${at()}'`;
    const script = commands.map((command) => (/^(prepare|attempt)$/.test(command) ? child(command) : command));
    const { stdout, stderr } = spawnSync(shell[0]!, [...shell.slice(1), script.join(' && ')], { encoding: 'utf8' });
    assert.notEqual(stdout, '', stderr);
    return JSON.parse(stdout);
  }

  const OLD_STATE = {
    codes: ['ERR_IO', 'ERR_IO', 'ERR_IO'],
    shape: [1],
    text: 'old',
    complete: true,
    files: ['state', 'text', 'w.safetensors'],
  };
  const SHELL = ['sh', '-c'];

  it('a file size limit keeps the old files and leaves no temporary ones', () => {
    // In blocks of 512 or 1024 bytes, by shell: 4 or 8 MB.
    assert.deepEqual(run(['ulimit -f 8192', 'prepare', 'attempt'], SHELL), OLD_STATE);
  });

  it('a full disk keeps the old files and leaves no temporary ones', function () {
    requireMounting(this);
    const commands = [`mount -t tmpfs -o size=8m tmpfs '${at()}'`, 'prepare', 'attempt'];
    assert.deepEqual(run(commands, MOUNTING_SHELL), OLD_STATE);
  });

  it('a read-only disk keeps the old files', function () {
    requireMounting(this);
    const commands = [`mount -t tmpfs tmpfs '${at()}'`, 'prepare', `mount -o remount,ro '${at()}'`, 'attempt'];
    assert.deepEqual(run(commands, MOUNTING_SHELL), OLD_STATE);
  });

  it('kill -9 while writing leaves a whole file, and the next write removes what else was left', async () => {
    for (const delay of [0, 7, 19]) {
      await killWriter(at('m.safetensors'), delay);
      const { data } = (await readSafetensors(at('m.safetensors'))).tensors.get('w')!;
      assert(data.every((value) => value === data[0]), 'a mixture of two writes');
    }
    await writeSafetensors(at('m.safetensors'), { scalar });
    assert.deepEqual(readdirSync(at()), ['m.safetensors']);
  });
});
