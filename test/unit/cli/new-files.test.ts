import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { parseLora } from '../../../ts/cli/commands/generate.js';
import { checkNewFiles, numberedNames, writeNewFile } from '../../../ts/cli/new-files.js';
import { useTemporaryFolder } from '../../support/temporary-folder.js';

describe('new files', () => {
  const path = useTemporaryFolder();
  const bytes = Buffer.from('new');

  it('are numbered, or named by what the template says', () => {
    assert.deepEqual(numberedNames('d/face.png', 1, 7), ['d/face.png']);
    assert.deepEqual(numberedNames('d/face.png', 2, 7), ['d/face-1.png', 'd/face-2.png']);
    assert.deepEqual(numberedNames('face-{seed}.png', 2, 7), ['face-7.png', 'face-8.png']);
    assert.deepEqual(numberedNames('{index}.png', 10, 7).slice(8), ['09.png', '10.png']);
    assert.deepEqual(numberedNames('{index} of {seed}', 1, 7), ['1 of 7']);
  });

  it('are written whole, with nothing beside them', async () => {
    await writeNewFile(path('a.png'), bytes, false);
    assert.deepEqual(readdirSync(path()), ['a.png']);
    assert.equal(readFileSync(path('a.png'), 'utf8'), 'new');
  });

  it('take no name that is taken, even at the last moment, unless they are told to', async () => {
    writeFileSync(path('a.png'), 'old');
    await assert.rejects(writeNewFile(path('a.png'), bytes, false), { code: 'ERR_IO', message: /a\.png exists already/ });
    assert.equal(readFileSync(path('a.png'), 'utf8'), 'old');
    assert.deepEqual(readdirSync(path()), ['a.png']);
    await writeNewFile(path('a.png'), bytes, true);
    assert.equal(readFileSync(path('a.png'), 'utf8'), 'new');
  });

  it('are checked before the work begins', () => {
    mkdirSync(path('folder'));
    writeFileSync(path('a.png'), 'old');
    assert.throws(() => checkNewFiles([path('b.png'), path('a.png')], false), /a\.png exists already \(1 in all\)/);
    assert.throws(() => checkNewFiles([path('folder')], true), /is a folder/);
    assert.throws(() => checkNewFiles([path('none', 'a.png')], true), /There is no folder/);
    checkNewFiles([path('a.png')], true);
    checkNewFiles([path('b.png')], false);
  });

  it('that cannot be written are an error that names them', async () => {
    await assert.rejects(writeNewFile(path('none', 'a.png'), bytes, false), { code: 'ERR_IO', message: /Cannot write a\.png/ });
  });
});

describe('a LoRA on the command line', () => {
  it('is a file with a scale, or without', () => {
    assert.deepEqual(parseLora('ink.safetensors'), { path: 'ink.safetensors', scale: 1 });
    assert.deepEqual(parseLora('ink.safetensors:0.5'), { path: 'ink.safetensors', scale: 0.5 });
    assert.deepEqual(parseLora('C:/ink.safetensors:-1'), { path: 'C:/ink.safetensors', scale: -1 });
    assert.deepEqual(parseLora('a:b'), { path: 'a:b', scale: 1 });
  });
});
