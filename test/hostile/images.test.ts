import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { deflateSync } from 'node:zlib';
import { decodeImage } from '../../ts/data/decode.js';
import { prepareImage, type Preprocessing } from '../../ts/data/preprocess.js';
import { AbortError, DeepcodeError } from '../../ts/errors.js';
import { flipBytes } from '../support/byte-flips.js';
import * as hostile from '../support/hostile-images.js';

const SAMPLE = join(__dirname, '../data/samples/real-london-1.jpg');
const jpeg = readFileSync(SAMPLE);
const FLIPS = 500;

const preprocessing: Preprocessing = {
  inputSize: [3, 224, 224],
  interpolation: 'bicubic',
  cropPct: 0.9,
  cropMode: 'center',
  mean: [0.5, 0.5, 0.5],
};

async function assertRefused(bytes: Uint8Array): Promise<void> {
  await assert.rejects(decodeImage(bytes), (error: unknown) => {
    assert.ok(error instanceof DeepcodeError, String(error));
    assert.equal(error.code, 'ERR_IMAGE');
    assert.ok(error.message.length <= 300);
    assert.doesNotMatch(error.message, /\/|\n|0x[0-9a-f]{6}/, 'has no paths, lines or addresses');
    return true;
  });
  const { width, height } = await decodeImage(jpeg);
  assert.deepEqual([width, height], [448, 448], 'the next valid image is decoded');
}

describe('decodeImage refuses', () => {
  const refused = [...hostile.otherFormats(), ...hostile.falseSizes(jpeg)];
  for (const { name, bytes } of refused) it(name, () => assertRefused(bytes));

  it('every kind of damage', async () => {
    for (const { name, bytes } of await hostile.damaged(jpeg)) {
      await assertRefused(bytes).catch((error: unknown) => {
        throw new Error(`${name}: ${String(error)}`);
      });
    }
  });

  it('all of that with at most 64 MB of memory', async () => {
    const images = [...refused, ...(await hostile.damaged(jpeg))];
    await assertRefused(images[0]!.bytes);
    const before = process.resourceUsage().maxRSS;
    for (const { bytes } of images) await assertRefused(bytes);
    const rise = (process.resourceUsage().maxRSS - before) / 1024;
    assert.ok(rise <= 64, `peak memory rose by ${rise} MiB`);
  });

  it('a file over maxBytes and an image over maxPixels', async () => {
    await assert.rejects(decodeImage(SAMPLE, { maxBytes: 1000 }), { code: 'ERR_IMAGE' });
    await assert.rejects(decodeImage(jpeg, { maxPixels: 448 * 448 - 1 }), { code: 'ERR_IMAGE', message: /megapixels/ });
    await assert.rejects(decodeImage(Readable.from([jpeg]), { maxBytes: 1000 }), { code: 'ERR_IMAGE' });
  });
});

describe('decodeImage accepts', () => {
  it('a file whose name says another format', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'deepcode-images-'));
    try {
      writeFileSync(join(folder, 'photo.png'), jpeg);
      assert.equal((await decodeImage(join(folder, 'photo.png'))).width, 448);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('a JPEG with a ZIP appended', async () => {
    const polyglot = Buffer.concat([jpeg, Buffer.from('PK\x03\x04'), Buffer.alloc(5000, 1)]);
    assert.deepEqual(await decodeImage(polyglot), await decodeImage(jpeg));
  });

  it('a JPEG with a damaged ICC profile of 5 MB', async () => {
    const profile = Buffer.from(Uint8Array.from({ length: 5 << 20 }, (_, i) => (i * 2654435761) >>> 24));
    assert.deepEqual((await decodeImage(hostile.withIccProfile(jpeg, profile))).data, (await decodeImage(jpeg)).data);
  });

  it('an image of 1 x 100,000, down to the crop', async () => {
    for (const [width, height] of [[1, 100_000], [100_000, 1]] as const) {
      const crop = await prepareImage(hostile.flatPng(width, height), preprocessing);
      assert.ok(crop.every((value) => value === 0));
    }
  });

  it('the rows that a PNG has, and no more of what it inflates to', async () => {
    const bomb = hostile.png(hostile.pngHeader(9, 9), deflateSync(Buffer.alloc(64 << 20)));
    const { width, height } = await decodeImage(bomb);
    assert.deepEqual([width, height], [9, 9]);
  });
});

describe('decodeImage inputs', () => {
  it('reads paths, Buffers, Uint8Arrays and streams alike', async () => {
    const expected = await decodeImage(jpeg);
    const inputs = [SAMPLE, new Uint8Array(jpeg), Readable.from([jpeg.subarray(0, 999), jpeg.subarray(999)])];
    for (const input of inputs) assert.deepEqual((await decodeImage(input)).data, expected.data);
  });

  it('throws TypeError at once for anything else', () => {
    for (const input of [undefined, null, 7, '', {}, [jpeg]]) {
      assert.throws(() => decodeImage(input as unknown as string), TypeError);
    }
    assert.throws(() => decodeImage(jpeg, { maxPixels: 50_000_000 }), RangeError);
  });

  it('rejects with ERR_IO for what cannot be read', async () => {
    await assert.rejects(decodeImage(join(__dirname, 'none.jpg')), { code: 'ERR_IO', message: /none\.jpg/ });
    await assert.rejects(decodeImage(__dirname), { code: 'ERR_IO', message: /folder/ });
    const failing = new Readable({ read: () => failing.destroy(new Error('connection lost')) });
    await assert.rejects(decodeImage(failing), { code: 'ERR_IO' });
  });

  it('rejects with AbortError for an aborted signal', async () => {
    await assert.rejects(decodeImage(jpeg, { signal: AbortSignal.abort() }), AbortError);
  });
});

describe('decodeImage with random bytes changed', () => {
  it(`gives an image or ERR_IMAGE ${FLIPS} times`, async () => {
    await flipBytes(FLIPS, 1);
  });
});
