import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { findImages } from '../../../ts/data/find-images.js';
import { readPhoto } from '../../../ts/synthesize/photos.js';
import { asNobody } from '../../support/nobody.js';
import { useTemporaryFolder } from '../../support/temporary-folder.js';

describe('findImages', () => {
  const path = useTemporaryFolder();
  const write = (...names: string[]): void => names.forEach((name) => writeFileSync(path(name), ''));
  const namesIn = async (skipped = 'out') => (await findImages(path(), path(skipped))).images.map(({ name }) => name);

  it('goes to any depth, in the order of names, and leaves out what data sets leave out', async () => {
    mkdirSync(path('b', 'deep'), { recursive: true });
    mkdirSync(path('__MACOSX'));
    mkdirSync(path('.hidden'));
    write('c.JPG', 'a.webp', 'notes.txt', 'b/2.png', 'b/1.jpeg', 'b/deep/x.jfif', '__MACOSX/a.jpg', '.hidden/a.jpg', '.a.jpg', '__b.jpg');
    assert.deepEqual(await namesIn(), ['a.webp', 'c.JPG', 'b/1.jpeg', 'b/2.png', 'b/deep/x.jfif']);
  });

  it('leaves out the output, which may lie among the images', async () => {
    mkdirSync(path('out', 'fake'), { recursive: true });
    write('a.jpg', 'out/fake/a.png');
    assert.deepEqual(await namesIn(), ['a.jpg']);
    assert.deepEqual(await namesIn('other'), ['a.jpg', 'out/fake/a.png']);
  });

  it('does not follow links to folders, and does not end in a loop', async () => {
    mkdirSync(path('sub'));
    write('sub/a.jpg');
    symlinkSync(path(), path('sub', 'up'));
    symlinkSync(path('loop.jpg'), path('loop.jpg'));
    assert.deepEqual(await namesIn(), ['loop.jpg', 'sub/a.jpg']);
    await assert.rejects(readPhoto({ path: path('loop.jpg'), name: 'loop.jpg' }, undefined), { code: 'ERR_IO', message: /ELOOP/ });
  });

  it('reports a folder that cannot be read and goes on', async () => {
    write('a.jpg');
    mkdirSync(path('closed'), { mode: 0 });
    chmodSync(path(), 0o755);
    const { images, unread } = await asNobody(() => findImages(path(), path('out')));
    assert.deepEqual(images.map(({ name }) => name), ['a.jpg']);
    assert.deepEqual(unread.map(({ name, error }) => [name, error.code, error.message]), [
      ['closed', 'ERR_IO', 'The folder cannot be read: EACCES.'],
    ]);
  });

  it('refuses a folder that is not there, is a file, or holds no photo', async () => {
    write('a.txt');
    await assert.rejects(findImages(path('none'), path('out')), { code: 'ERR_IO', message: /ENOENT/ });
    await assert.rejects(findImages(path('a.txt'), path('out')), { code: 'ERR_IO', message: /ENOTDIR/ });
    await assert.rejects(findImages(path(), path('out')), { code: 'ERR_DATASET', message: /holds no \.jpg/ });
  });
});
