import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { convertCheckpoint } from '../../ts/convert/index.js';
import { parseXceptionConfig } from '../../ts/detect/xception-config.js';
import { callNative } from '../../ts/native.js';
import { assertClose } from '../support/closeness.js';
import { openXception } from '../support/parity-xception.js';
import { pythonWith } from '../support/python.js';
import { floatsOf, readSafetensors } from '../support/read-safetensors.js';
import { useTemporaryFolder } from '../support/temporary-folder.js';

const PARITY = join(__dirname, '..', 'parity');
/** A checkout of github.com/Purdue-M2/Fairness-Generalization. */
const CHECKOUT = process.env.DEEPCODE_FAIRNESS_CHECKOUT;

function pythonOrSkip(test: Mocha.Context): string {
  const python = pythonWith('reference_ops', 'timm', 'safetensors');
  if (python !== undefined) return python;
  test.test!.skipReason = 'needs a Python with timm; name one in DEEPCODE_REFERENCE_PYTHON';
  return test.skip();
}

describe('Full-size Xceptions', () => {
  const inFolder = useTemporaryFolder();

  it("gives timm's logits", async function () {
    const python = pythonOrSkip(this);
    execFileSync(python, [join(PARITY, 'xception', 'full_size.py'), inFolder()]);
    const expected = readSafetensors(inFolder('expected.safetensors'));
    const images = expected.get('images')!;
    const network = await openXception(inFolder());
    const scores = await callNative(undefined, (_, token) => network.forward(images.data, images.shape[0]!, token));
    network.dispose();
    assertClose(scores.logits, floatsOf(expected, 'logits'), 1e-4);
    assertClose(scores.features, floatsOf(expected, 'features'), 1e-4);
  });

  it("gives every output of the authors' detector, from their .pth", async function () {
    const python = pythonOrSkip(this);
    if (CHECKOUT === undefined) {
      this.test!.skipReason = 'needs a checkout of Fairness-Generalization; name it in DEEPCODE_FAIRNESS_CHECKOUT';
      return this.skip();
    }
    execFileSync(python, [join(PARITY, 'fair_detector', 'full_size.py'), CHECKOUT, inFolder()]);
    await convertCheckpoint(inFolder('model.pth'), inFolder('model.safetensors'));
    const { network } = parseXceptionConfig({ architecture: 'fair_xception' }, 'config.json');
    if (network.kind !== 'fair') throw new Error('another network');
    const expected = readSafetensors(inFolder('expected.safetensors'));
    const pass = {
      network: { ...network.fair, headDropout: 0, decoderDropout: 0 },
      weights: inFolder('model.safetensors'),
      mode: 'evaluate' as const,
    };
    const pixels = Float32Array.from(expected.get('images')!.data, (value) => value / 127.5 - 1);
    const { outputs } = await callNative(undefined, (addon, token) => addon.fairDetectorDifferentiate(pass, pixels, {}, token));
    for (const [name, values] of Object.entries(outputs)) assertClose(values, floatsOf(expected, name), 1e-4);
  });
});
