import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { callNative } from '../../ts/native.js';
import { assertClose } from '../support/closeness.js';
import { expectedUnet, openUnet } from '../support/parity-unet.js';
import { pythonWith } from '../support/python.js';
import { useTemporaryFolder } from '../support/temporary-folder.js';

const SCRIPT = join(__dirname, '..', 'parity', 'unet', 'full_size.py');

describe('A UNet of the size of Stable Diffusion 1.5 against diffusers', () => {
  const inFolder = useTemporaryFolder();

  it("predicts diffusers' noise", async function () {
    const python = pythonWith('reference_ops', 'diffusers', 'safetensors');
    if (python === undefined) {
      this.test!.skipReason = 'needs a Python with diffusers; name one in DEEPCODE_REFERENCE_PYTHON';
      return this.skip();
    }
    execFileSync(python, [SCRIPT, inFolder()]);
    const { input, timesteps, outputs } = expectedUnet(inFolder());
    const unet = await openUnet(inFolder(), { height: input.height, width: input.width, tokens: 77 });
    const predicted = await callNative(undefined, (_, token) =>
      unet.forward({ ...input, timesteps: new Float32Array(input.count).fill(timesteps[0]!) }, token),
    );
    assertClose(predicted, outputs[0]!, 1e-4);
    unet.dispose();
  });
});
