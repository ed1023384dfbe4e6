/** A synthesis on a disk that is full, read-only, or taken away. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { synthesize } from '../../ts/synthesize/synthesize.js';
import { MOUNTING_SHELL, requireMounting } from '../support/mounting.js';
import { imagesOf, manifestOf, TINY_SYNTHESIS, writePhotos } from '../support/synthesis.js';
import { useTemporaryFolder } from '../support/temporary-folder.js';

const CHILD = join(__dirname, '..', 'support', 'synthesis-child.ts');
const PHOTOS = 16;

describe('a synthesis', () => {
  const path = useTemporaryFolder();

  const child = (): string => {
    const options = { ...TINY_SYNTHESIS, photos: path('photos'), out: path('disk', 'out') };
    return `OMP_NUM_THREADS=1 '${process.execPath}' --import tsx '${CHILD}' '${JSON.stringify(options)}' > /dev/null`;
  };

  /** Runs the lines on a disk of this size. @returns what they wrote to stderr */
  function onDisk(size: string, ...lines: string[]): string {
    mkdirSync(path('disk'));
    const [program, ...args] = MOUNTING_SHELL;
    const script = [`mount -t tmpfs -o size=${size} tmpfs '${path('disk')}'`, ...lines].join('\n');
    return spawnSync(program, [...args, script], { encoding: 'utf8' }).stderr;
  }

  it('ends with ERR_IO on a full disk, keeps what is done, and goes on when there is room', async function () {
    requireMounting(this);
    await writePhotos(path('photos'), PHOTOS);
    const copy = (name: string): string => `cp -r '${path('disk', 'out')}' '${path(name)}'`;
    const stderr = onDisk('90k', child(), copy('full'), child(), copy('again'), `mount -o remount,size=8m '${path('disk')}'`, child(), copy('whole'));
    assert.equal(stderr.match(/DeepcodeError: Cannot write [^\n]*: the disk is full/g)?.length, 2, stderr);
    const full = imagesOf(path('full'));
    assert.ok(Object.keys(full).length > 2 && Object.keys(full).length < PHOTOS, `${Object.keys(full).length} images`);
    for (const name of ['full', 'again']) {
      assert.deepEqual(readdirSync(path(name), { recursive: true, encoding: 'utf8' }).filter((file) => /\.new-|\.lock/.test(file)), [], name);
    }
    const whole = imagesOf(path('whole'));
    assert.equal(Object.keys(whole).length, PHOTOS);
    for (const [name, record] of Object.entries(full)) assert.deepEqual(whole[name], record);
    await synthesize({ ...TINY_SYNTHESIS, photos: path('photos'), out: path('reference') });
    assert.deepEqual(whole, imagesOf(path('reference')));
    assert.ok(readFileSync(path('whole', 'contact-sheet-01.png')).equals(readFileSync(path('reference', 'contact-sheet-01.png'))));
  });

  it('ends with ERR_IO on a read-only disk, and changes nothing', async function () {
    requireMounting(this);
    await writePhotos(path('photos'), 2);
    const lines = [child(), `mount -o remount,ro '${path('disk')}'`, child(), `cp -r '${path('disk', 'out')}' '${path('copy')}'`];
    const stderr = onDisk('8m', ...lines);
    assert.match(stderr, /^DeepcodeError: The folder [^\n]* cannot be written \(EROFS\)\.\n$/);
    assert.equal(manifestOf(path('copy')).length, 2);
  });
});
