import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { callNative } from '../../ts/native.js';
import { assertClose } from '../support/closeness.js';
import { openDetector } from '../support/parity-network.js';
import { pythonWith } from '../support/python.js';
import { floatsOf, readSafetensors } from '../support/read-safetensors.js';
import { useTemporaryFolder } from '../support/temporary-folder.js';

const SCRIPT = join(__dirname, '..', 'parity', 'vit', 'full_size.py');

describe('Full-size ViTs against timm', () => {
  const inFolder = useTemporaryFolder();

  for (const architecture of ['vit_base_patch16_224', 'deit_small_distilled_patch16_224', 'vit_base_patch32_384']) {
    it(`gives timm's logits: ${architecture}`, async function () {
      const python = pythonWith('reference_ops', 'timm', 'safetensors');
      if (python === undefined) {
        this.test!.skipReason = 'needs a Python with timm; name one in DEEPCODE_REFERENCE_PYTHON';
        return this.skip();
      }
      execFileSync(python, [SCRIPT, architecture, inFolder()]);
      const expected = readSafetensors(inFolder('expected.safetensors'));
      const images = expected.get('images')!;
      const detector = await openDetector(inFolder());
      const scores = await callNative(undefined, (_, token) => detector.forward(images.data, images.shape[0]!, token));
      const firstTwo = [0, 1, 1000, 1001].map((i) => floatsOf(expected, 'logits')[i]!);
      assertClose(scores.logits, firstTwo, 1e-4);
      assertClose(scores.features, floatsOf(expected, 'features'), 1e-4);
      detector.dispose();
    });
  }
});
