import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BLAZEFACE } from '../../../ts/faces/blazeface.js';
import { callNative } from '../../../ts/native.js';
import type { NativeBlazeFace } from '../../../ts/native/faces.js';
import { assertClose } from '../../support/closeness.js';
import { blazeFaceWeights, openBlazeFace, pulledModels, syntheticImages } from '../../support/face-networks.js';
import { floatsOf, readSafetensors } from '../../support/read-safetensors.js';

const IMAGES = syntheticImages(256, 3);

/** The network against fixtures: per image, 512 anchors of the fine grid before 384 of the coarse one. */
async function compare(network: NativeBlazeFace, fixture: string, count: number): Promise<void> {
  const expected = readSafetensors(join(__dirname, fixture));
  const size = IMAGES.length / 2;
  const { scores, values } = await callNative(undefined, (_, token) => network.forward(IMAGES.subarray(0, count * size), count, token));
  for (const [name, actual, width] of [
    ['classifier', scores, 1],
    ['regressor', values, 16],
  ] as const) {
    const [fine, coarse] = [floatsOf(expected, `${name}_8`), floatsOf(expected, `${name}_16`)];
    for (let n = 0; n < count; n++) {
      const row = actual.subarray(n * 896 * width, (n + 1) * 896 * width);
      assertClose(row.subarray(0, 512 * width), fine.subarray(n * 512 * width, (n + 1) * 512 * width), 1e-4);
      assertClose(row.subarray(512 * width), coarse.subarray(n * 384 * width, (n + 1) * 384 * width), 1e-4);
    }
  }
  network.dispose();
}

describe('BlazeFace against its graph', () => {
  it('gives the outputs of a narrow network', async () => {
    const weights = join(__dirname, 'small.safetensors');
    await compare(await openBlazeFace(weights, { narrow: 3, middle: 6, wide: 12 }), 'small-expected.safetensors', 2);
  });

  it('gives the outputs of the npm package', async function () {
    const models = pulledModels();
    if (models === undefined) return this.skip();
    await compare(await openBlazeFace(join(models, 'blazeface.safetensors'), BLAZEFACE), 'expected.safetensors', 2);
  });

  it('gives them with the weights of the PyTorch port, too', async function () {
    const folder = mkdtempSync(join(tmpdir(), 'deepcode-test-'));
    try {
      const weights = await blazeFaceWeights(folder);
      if (weights === undefined) return this.skip();
      await compare(await openBlazeFace(weights, BLAZEFACE), 'expected.safetensors', 2);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  it('refuses another number of bytes than its images have, and other widths than the file has', async () => {
    const weights = join(__dirname, 'small.safetensors');
    const network = await openBlazeFace(weights, { narrow: 3, middle: 6, wide: 12 });
    await assert.rejects(callNative(undefined, (_, token) => network.forward(IMAGES, 1, token)), RangeError);
    network.dispose();
    await assert.rejects(callNative(undefined, (_, token) => network.forward(IMAGES, 2, token)), { code: 'ERR_DISPOSED' });
    await assert.rejects(openBlazeFace(weights, BLAZEFACE), { code: 'ERR_WEIGHTS_SHAPE' });
  });
});
