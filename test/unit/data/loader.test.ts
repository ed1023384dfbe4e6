import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { augmentationPolicy } from '../../../ts/data/augmentation.js';
import { ImageLoader, type LoadedImages, type LoaderItem, type LoaderOptions } from '../../../ts/data/loader.js';
import { prepareImage, type Preprocessing } from '../../../ts/data/preprocess.js';
import { AbortError } from '../../../ts/errors.js';

const preprocessing: Preprocessing = {
  inputSize: [3, 32, 32],
  interpolation: 'bicubic',
  cropPct: 0.9,
  cropMode: 'center',
  mean: [0.5, 0.5, 0.5],
};
const IMAGES = 7;

let folder: string;
let items: LoaderItem[];

async function writeImage(i: number): Promise<string> {
  const path = join(folder, `${i}.png`);
  const data = Uint8Array.from({ length: 40 * 50 * 3 }, (_, p) => (p * (i + 3)) % 256);
  await sharp(data, { raw: { width: 40, height: 50, channels: 3 } }).png().toFile(path);
  return path;
}

before(async () => {
  folder = mkdtempSync(join(tmpdir(), 'deepcode-loader-'));
  items = [];
  for (let i = 0; i < IMAGES; i++) {
    items.push({ path: await writeImage(i), label: (i % 2) as 0 | 1, augmentSeed: null });
  }
});

after(() => {
  rmSync(folder, { recursive: true, force: true });
});

const chunk = (list: readonly LoaderItem[], size: number): LoaderItem[][] =>
  Array.from({ length: Math.ceil(list.length / size) }, (_, i) => list.slice(i * size, (i + 1) * size));

async function load(
  batches: readonly LoaderItem[][],
  options: Partial<LoaderOptions> = {},
): Promise<LoadedImages<LoaderItem>[]> {
  const results: LoadedImages<LoaderItem>[] = [];
  for await (const batch of new ImageLoader({ preprocessing, ...options }).batches(batches)) results.push(batch);
  return results;
}

const pixelsOf = (results: readonly LoadedImages<LoaderItem>[]): Buffer => Buffer.concat(results.map((r) => r.images));

describe('ImageLoader', () => {
  it('gives evaluation crops, labels and items in order', async () => {
    const results = await load(chunk(items, 3));
    assert.deepEqual(results.map(({ count }) => count), [3, 3, 1]);
    assert.deepEqual(results.flatMap(({ labels }) => [...labels]), [0, 1, 0, 1, 0, 1, 0]);
    assert.deepEqual(results.flatMap((result) => result.items), items);
    const expected = await Promise.all(items.map(({ path }) => prepareImage(path, preprocessing)));
    assert.deepEqual(pixelsOf(results), Buffer.concat(expected));
  });

  it('gives the same pixels whatever the workers, the cache and the batch size', async () => {
    const augmentation = augmentationPolicy('strong');
    const seeded = items.map((item, i) => ({ ...item, augmentSeed: 1000 + i }));
    const plain = pixelsOf(await load(chunk(seeded, 3), { augmentation }));
    const other = await load(chunk(seeded, 2), { augmentation, workers: 1, ahead: 1, cacheMegabytes: 1 });
    assert.deepEqual(pixelsOf(other), plain);
    const reseeded = items.map((item, i) => ({ ...item, augmentSeed: 2000 + i }));
    assert.notDeepEqual(pixelsOf(await load(chunk(reseeded, 3), { augmentation })), plain);
  });

  it('keeps decoded images between passes within its memory', async () => {
    const path = await writeImage(100);
    const loader = new ImageLoader({ preprocessing, cacheMegabytes: 1 });
    const batch: LoaderItem[][] = [[{ path, label: 0, augmentSeed: null }]];
    const pass = async (from: ImageLoader): Promise<number> => {
      for await (const { count } of from.batches(batch)) return count;
      return -1;
    };
    assert.equal(await pass(loader), 1);
    rmSync(path);
    assert.equal(await pass(loader), 1);
    assert.equal(await pass(new ImageLoader({ preprocessing })), 0);
  });

  it('reports images that cannot be read and goes on', async () => {
    const broken = join(folder, 'broken.jpg');
    writeFileSync(broken, 'not an image');
    const bad: LoaderItem[] = [
      { path: broken, label: 1, augmentSeed: null },
      { path: join(folder, 'missing.jpg'), label: 0, augmentSeed: null },
    ];
    const [first, second] = await load([[items[0]!, ...bad], [bad[0]!]]);
    assert.equal(first!.count, 1);
    assert.equal(first!.images.length, 32 * 32 * 3);
    assert.deepEqual(first!.failures.map(({ item }) => item), bad);
    assert.match(first!.failures[0]!.reason, /broken\.jpg: it is not a JPEG, PNG or WebP/);
    assert.match(first!.failures[1]!.reason, /missing\.jpg: there is no such file/);
    assert.deepEqual([second!.count, second!.failures.length], [0, 1]);
  });

  it('reads ahead no further than it is told', async () => {
    let started = 0;
    const transform = async (): Promise<Uint8Array> => {
      started++;
      return new Uint8Array(32 * 32 * 3);
    };
    const loader = new ImageLoader({ preprocessing, transform, ahead: 4, workers: 2 });
    const many = Array.from({ length: 30 }, () => [items[0]!]);
    const iterator = loader.batches(many);
    await iterator.next();
    await new Promise((resolve) => setTimeout(resolve, 300));
    assert.ok(started >= 2 && started <= 6, `started ${started}`);
    await iterator.return();
  });

  it('stops with AbortError', async () => {
    const controller = new AbortController();
    const loader = new ImageLoader({ preprocessing });
    const run = async (): Promise<void> => {
      for await (const _ of loader.batches(chunk(items, 2), controller.signal)) controller.abort();
    };
    await assert.rejects(run(), AbortError);
  });

  it('passes on failures that are not the image\'s', async () => {
    const transform = (): Promise<Uint8Array> => Promise.reject(new RangeError('a mistake'));
    await assert.rejects(load(chunk(items, 2), { transform }), /a mistake/);
  });

  it('throws for options out of range', () => {
    assert.throws(() => new ImageLoader({ preprocessing, workers: 0 }), RangeError);
    assert.throws(() => new ImageLoader({ preprocessing, cacheMegabytes: -1 }), RangeError);
  });
});
