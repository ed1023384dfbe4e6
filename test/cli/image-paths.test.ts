import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { expandBraces, glob, isGlob, segmentToRegExp } from '../../ts/cli/glob.js';
import { imagePaths } from '../../ts/cli/image-paths.js';
import { asNobody } from '../support/nobody.js';
import { useTemporaryFolder } from '../support/temporary-folder.js';

function touch(...paths: string[]): void {
  for (const path of paths) {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, '');
  }
}

describe('expandBraces', () => {
  const cases: [string, string[]][] = [
    ['a', ['a']],
    ['a{b,c}d', ['abd', 'acd']],
    ['{a,b}{1,2}', ['a1', 'a2', 'b1', 'b2']],
    ['x{a,{b,c}}', ['xa', 'xb', 'xc']],
    ['{a}', ['{a}']],
    ['a}b{', ['a}b{']],
    ['*.{jpg,}', ['*.jpg', '*.']],
  ];
  for (const [pattern, expected] of cases) {
    it(pattern, () => assert.deepEqual(expandBraces(pattern), expected));
  }
});

describe('segmentToRegExp', () => {
  const cases: [pattern: string, matching: string[], other: string[]][] = [
    ['*.jpg', ['a.jpg', 'a.b.jpg'], ['.a.jpg', 'ajpg', 'a.jpg.png']],
    ['?.png', ['a.png', 'ü.png'], ['ab.png', '.png']],
    ['[a-c]1', ['a1', 'c1'], ['d1']],
    ['[!a-c]1', ['d1'], ['a1']],
    ['a+(b)^$|', ['a+(b)^$|'], ['aab']],
    ['.*', ['.hidden'], ['shown']],
    ['[', ['['], ['x']],
    ['real-london-*.jpg', ['real-london-1.jpg'], ['real_london_1.jpg']],
    ['[b-a]*', ['[b-a]*'], ['b', 'a']],
  ];
  for (const [pattern, matching, other] of cases) {
    it(pattern, () => {
      const expression = segmentToRegExp(pattern);
      assert.deepEqual(
        matching.filter((name) => !expression.test(name)),
        [],
      );
      assert.deepEqual(
        other.filter((name) => expression.test(name)),
        [],
      );
    });
  }
});

describe('glob', () => {
  const at = useTemporaryFolder();

  it('finds files at any depth with **, without hidden folders', async () => {
    touch(at('a.jpg'), at('x/b.jpg'), at('x/y/c.jpg'), at('x/y/d.png'), at('.h/e.jpg'));
    const found = await glob(`${at()}/**/*.jpg`);
    assert.deepEqual(found, [at('a.jpg'), at('x/b.jpg'), at('x/y/c.jpg')]);
  });

  it('matches folders in the middle, and alternatives', async () => {
    touch(at('train/real/1.png'), at('test/real/2.png'), at('test/fake/3.webp'));
    assert.deepEqual(await glob(`${at()}/*/real/*.png`), [
      at('test/real/2.png'),
      at('train/real/1.png'),
    ]);
    assert.deepEqual(await glob(`${at()}/test/*/*.{png,webp}`), [
      at('test/fake/3.webp'),
      at('test/real/2.png'),
    ]);
    assert.deepEqual(await glob(`${at()}/nothing/*.png`), []);
  });

  it('does not follow links in a circle', async () => {
    touch(at('x/a.jpg'));
    symlinkSync(at('x'), at('x/loop'));
    assert.deepEqual(await glob(`${at()}/**/*.jpg`), [at('x/a.jpg')]);
  });

  it('knows a pattern when it sees one', () => {
    assert.deepEqual(['a*', 'a?', 'a[b]', 'a{b,c}', 'plain/path.jpg'].map(isGlob), [
      true,
      true,
      true,
      true,
      false,
    ]);
  });
});

describe('imagePaths', () => {
  const at = useTemporaryFolder();
  const paths = async (...args: string[]): Promise<unknown[]> =>
    (await imagePaths(args)).map(({ path, error }) => (error ? [path, error.code] : path));

  it('walks folders, sorted, for names that end like images', async () => {
    touch(
      at('b.JPG'),
      at('a.txt'),
      at('s/c.webp'),
      at('s/d.jpeg'),
      at('s/e.jfif'),
      at('.hidden.png'),
      at('.git/e.png'),
      at('__MACOSX/b.jpg'),
    );
    assert.deepEqual(await paths(at()), [at('b.JPG'), at('s/c.webp'), at('s/d.jpeg'), at('s/e.jfif')]);
  });

  it('names a folder below that cannot be read, and takes what is beside it', async () => {
    touch(at('closed/a.jpg'), at('open/b.jpg'), at('z.jpg'), at('only/closed/c.jpg'));
    chmodSync(at(), 0o755);
    for (const folder of ['closed', 'only/closed']) chmodSync(at(folder), 0);
    const found = await asNobody(() => imagePaths([at()]));
    assert.deepEqual(
      found.map(({ path, error }) => (error ? [path, error.code, error.message] : path)),
      [
        at('z.jpg'),
        at('open/b.jpg'),
        [at('closed'), 'ERR_IO', 'The folder cannot be read: EACCES.'],
        [at('only/closed'), 'ERR_IO', 'The folder cannot be read: EACCES.'],
      ],
    );
    assert.deepEqual(await asNobody(() => paths(at('only'), at('closed'))), [
      [at('only/closed'), 'ERR_IO'],
      [at('closed'), 'ERR_IO'],
    ]);
    for (const folder of ['closed', 'only/closed']) chmodSync(at(folder), 0o755);
  });

  it('takes a named file whatever its name, also one that looks like a pattern', async () => {
    touch(at('photo'), at('a[1].jpg'));
    assert.deepEqual(await paths(at('photo'), at('a[1].jpg')), [at('photo'), at('a[1].jpg')]);
  });

  it('names what is missing, and goes on', async () => {
    touch(at('a.jpg'), at('empty/readme.txt'));
    assert.deepEqual(await paths(at('no.jpg'), at('empty'), at('*.png'), at('a.jpg'), '-'), [
      [at('no.jpg'), 'ERR_IO'],
      [at('empty'), 'ERR_IO'],
      [at('*.png'), 'ERR_IO'],
      at('a.jpg'),
      '-',
    ]);
  });

  it('takes every path once', async () => {
    touch(at('a.jpg'), at('b.jpg'));
    assert.deepEqual(await paths(at('b.jpg'), at(), at('*.jpg')), [at('b.jpg'), at('a.jpg')]);
  });
});
