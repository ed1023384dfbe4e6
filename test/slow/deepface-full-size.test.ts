import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { DEEPFACE_FILES } from '../../ts/attributes/deepface.js';
import { convertCheckpoint } from '../../ts/convert/index.js';
import { callNative } from '../../ts/native.js';
import { relativeError } from '../support/closeness.js';
import { syntheticPicture } from '../support/face-networks.js';
import { pythonWith } from '../support/python.js';
import { useTemporaryFolder } from '../support/temporary-folder.js';

const SCRIPT = join(__dirname, '..', 'parity', 'deepface', 'full_size.py');
const TOLERANCE = 1e-4;
const ATTRIBUTES = ['race', 'emotion'] as const;

describe("DeepFace's networks at full size against Keras", () => {
  const inFolder = useTemporaryFolder();

  it('give the same probabilities from files of half a gigabyte', async function () {
    this.timeout(1_800_000);
    const python = pythonWith('keras', 'h5py');
    if (python === undefined) {
      this.test!.skipReason = 'needs a Python with tensorflow and keras; name one in DEEPCODE_REFERENCE_PYTHON';
      return this.skip();
    }
    execFileSync(python, [SCRIPT, inFolder()], { stdio: ['ignore', 'ignore', 'pipe'] });
    for (const attribute of ATTRIBUTES) {
      const file = DEEPFACE_FILES[attribute];
      await convertCheckpoint(inFolder(file.replace('.safetensors', '.h5')), inFolder(file), { layout: 'pytorch' });
    }
    assert.ok(statSync(inFolder(DEEPFACE_FILES.race)).size > 5e8);
    const [race, emotion] = ATTRIBUTES.map((attribute) => inFolder(DEEPFACE_FILES[attribute]));
    const spec = { age: undefined, gender: undefined, race, emotion, device: 'cpu', dtype: 'fp32' as const };
    const network = await callNative(undefined, (addon, token) => addon.deepFaceLoad(spec, token));
    const { width, height, data } = syntheticPicture(224, 224);
    const found = await callNative(undefined, (_, token) => network.read(data, { widths: [width], heights: [height] }, token));
    network.dispose();
    const expected = JSON.parse(readFileSync(inFolder('full-size.json'), 'utf8')) as Record<string, number[]>;
    for (const attribute of ATTRIBUTES) {
      const error = relativeError(found[attribute]!, expected[attribute]!);
      this.test!.title += ` (${attribute} ${error.toExponential(1)})`;
      assert.ok(error <= TOLERANCE, `${attribute}: relative error ${error} is over ${TOLERANCE}`);
    }
  });
});
