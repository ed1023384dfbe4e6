import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { callNative } from '../../ts/native.js';
import { relativeError } from '../support/closeness.js';
import { expectedUnet, openUnet } from '../support/parity-unet.js';
import { pythonWith } from '../support/python.js';
import { useTemporaryFolder } from '../support/temporary-folder.js';

const SCRIPT = join(__dirname, '..', 'parity', 'unet', 'full_size.py');

/** Relative to the largest value, in fp32. */
const TOLERANCE = 1e-4;

/** The largest difference from what diffusers predicts with the network in `folder`. */
async function errorOf(folder: string): Promise<number> {
  const { input, timesteps, outputs } = expectedUnet(folder);
  const unet = await openUnet(folder, { height: input.height, width: input.width, tokens: 77 });
  try {
    const all = { ...input, timesteps: new Float32Array(input.count).fill(timesteps[0]!) };
    return relativeError(await callNative(undefined, (_, token) => unet.forward(all, token)), outputs[0]!);
  } finally {
    unet.dispose();
  }
}

describe('A UNet of full size against diffusers', () => {
  const inFolder = useTemporaryFolder();

  for (const [name, title] of [
    ['sd15', 'Stable Diffusion 1.5'],
    ['sd21', 'Stable Diffusion 2.1'],
  ] as const) {
    it(`predicts the noise of ${title}: batch of 2, latents of 64 x 64`, async function () {
      const python = pythonWith('reference_ops', 'diffusers', 'safetensors');
      if (python === undefined) {
        this.test!.skipReason = 'needs a Python with diffusers; name one in DEEPCODE_REFERENCE_PYTHON';
        return this.skip();
      }
      execFileSync(python, [SCRIPT, name, inFolder()]);
      const error = await errorOf(inFolder());
      this.test!.title += ` (relative error ${error.toExponential(1)})`;
      assert.ok(error <= TOLERANCE, `relative error ${error} is over ${TOLERANCE}`);
    });
  }
});
