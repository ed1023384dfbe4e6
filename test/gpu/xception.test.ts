import { join } from 'node:path';
import { callNative } from '../../ts/native.js';
import { assertClose } from '../support/closeness.js';
import { skipWithoutCuda } from '../support/cuda.js';
import { logitsOf } from '../support/parity-network.js';
import { openXception } from '../support/parity-xception.js';

const PARITY = join(__dirname, '..', 'parity');
const MODELS = { xception: join(PARITY, 'xception'), 'fair detector': join(PARITY, 'fair_detector', 'methods') };
const COUNT = 2;

describe('Convolution networks on CUDA', () => {
  before(function () {
    skipWithoutCuda(this);
  });

  for (const [name, folder] of Object.entries(MODELS)) {
    const images = Uint8Array.from({ length: COUNT * 75 * 64 * 3 }, (_, i) => (i * 7919) % 256);
    const ofSize = (rows: number): Uint8Array => images.subarray(0, COUNT * rows * 64 * 3);
    const pixels = ofSize(name === 'xception' ? 75 : 64);

    for (const [dtype, tolerance] of [
      ['fp32', 5e-3], // TF32 or not is libtorch's choice
      ['bf16', 0.1],
      ['fp16', 0.02],
    ] as const) {
      it(`gives the processor's logits: ${name}, ${dtype}`, async () => {
        const cpu = await openXception(folder);
        const cuda = await openXception(folder, { device: 'cuda:0', dtype });
        assertClose(await logitsOf(cuda, pixels, COUNT), await logitsOf(cpu, pixels, COUNT), tolerance);
        for (const network of [cpu, cuda]) network.dispose();
      });
    }

    it(`gives the processor's heat map: ${name}`, async () => {
      const [cpu, cuda] = [await openXception(folder), await openXception(folder, { device: 'cuda:0' })];
      const maps = [];
      for (const network of [cuda, cpu]) {
        maps.push(await callNative(undefined, (_, token) => network.heatmap(pixels, COUNT, 1, token)));
        network.dispose();
      }
      assertClose(maps[0]!, maps[1]!, 5e-3);
    });
  }
});
