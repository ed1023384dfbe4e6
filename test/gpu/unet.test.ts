/** The UNet's step on a GPU, where it is recorded as a CUDA graph: that it is, and that a replay reads the new inputs. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { callNative } from '../../ts/native.js';
import type { NativeUnet } from '../../ts/native/unet.js';
import { assertClose } from '../support/closeness.js';
import { skipWithoutCuda } from '../support/cuda.js';
import { expectedUnet, openUnet } from '../support/parity-unet.js';

const FOLDER = join(__dirname, '..', 'parity', 'unet', 'sd1');

/** TF32 or not is libtorch's choice. */
const TOLERANCE = 5e-3;

const isRecorded = (unet: NativeUnet): Promise<boolean> => callNative(undefined, (_, token) => unet.recorded(token));

describe('the UNet on CUDA', () => {
  before(function () {
    skipWithoutCuda(this);
  });

  const { input, timesteps, outputs } = expectedUnet(FOLDER);
  const predict = (unet: NativeUnet, i: number): Promise<Float32Array> =>
    callNative(undefined, (_, token) => unet.forward({ ...input, timesteps: new Float32Array(input.count).fill(timesteps[i]!) }, token));

  it('is recorded with the second call, and predicts what the processor does at every timestep', async () => {
    const unet = await openUnet(FOLDER, { device: 'cuda:0' });
    const states: boolean[] = [];
    for (const i of [0, 1, 2, 0]) {
      assertClose(await predict(unet, i), outputs[i]!, TOLERANCE);
      states.push(await isRecorded(unet));
    }
    assert.deepEqual(states, [false, true, true, true]);
    unet.dispose();
  });

  it('is not recorded when that is switched off', async () => {
    const unet = await openUnet(FOLDER, { device: 'cuda:0', cudaGraphs: false });
    for (const i of [0, 1, 2]) assertClose(await predict(unet, i), outputs[i]!, TOLERANCE);
    assert.equal(await isRecorded(unet), false);
    unet.dispose();
  });
});
