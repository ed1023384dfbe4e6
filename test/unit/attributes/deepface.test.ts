/** DeepFace's networks through FaceAnalyzer, and folders that do not hold them. */
import assert from 'node:assert/strict';
import { copyFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DEEPFACE_FILES, loadDeepFaceReader } from '../../../ts/attributes/deepface.js';
import { FaceAnalyzer } from '../../../ts/attributes/face-analyzer.js';
import { convertCheckpoint } from '../../../ts/convert/index.js';
import { readSafetensors, writeSafetensors } from '../../../ts/weights/safetensors.js';
import type { TensorData } from '../../../ts/weights/tensor-data.js';
import { crowd } from '../../support/crowd.js';
import { deepFaceWeights, pulledModels } from '../../support/face-networks.js';
import { SAMPLES } from '../../support/face-pictures.js';
import { useTemporaryFolder } from '../../support/temporary-folder.js';

const CPU = { device: 'cpu', dtype: 'fp32' } as const;

describe("DeepFace's networks", () => {
  const folder = useTemporaryFolder();
  const refused = async (code: string, message: RegExp): Promise<void> => {
    await assert.rejects(loadDeepFaceReader(folder(), CPU, undefined), { code, message });
  };
  /** Writes the tensors of a file of the fixtures again, changed. */
  async function changed(attribute: keyof typeof DEEPFACE_FILES, change: (tensors: Map<string, TensorData>) => void): Promise<void> {
    await deepFaceWeights(folder(), [attribute]);
    const path = folder(DEEPFACE_FILES[attribute]);
    const { tensors } = await readSafetensors(path);
    const copy = new Map(tensors);
    change(copy);
    await writeSafetensors(path, copy);
  }

  it('reads the attributes whose files are there, in the shape of DeepFace', async function () {
    const models = pulledModels();
    if (models === undefined) return this.skip();
    await deepFaceWeights(folder(), ['age', 'emotion']);
    using analyzer = await FaceAnalyzer.load({ models, deepface: folder(), device: 'cpu' });
    const [face] = await analyzer.analyze(join(SAMPLES, 'real-congress-1.jpg'));
    assert.deepEqual(Object.keys(face!).sort(), ['age', 'dominant_emotion', 'emotion', 'face_confidence', 'region']);
    assert.ok(Number.isInteger(face!.age) && face!.age! >= 0 && face!.age! <= 100);
  });

  it('stops when it is told to, and refuses work when it was disposed of', async function () {
    const models = pulledModels();
    if (models === undefined) return this.skip();
    await deepFaceWeights(folder(), ['gender', 'race']);
    const analyzer = await FaceAnalyzer.load({ models, deepface: folder(), device: 'cpu' });
    const { image } = await crowd(10, 160, 1000, 500);
    const abort = new AbortController();
    const running = analyzer.analyze(image, { signal: abort.signal });
    setTimeout(() => abort.abort(), 5);
    await assert.rejects(running, { name: 'AbortError' });
    const people = await analyzer.analyze(image);
    assert.equal(people.length, 10);
    for (const { gender, dominant_race } of people) assert.ok(Math.abs(gender!.Man + gender!.Woman - 100) < 1e-3 && dominant_race !== 'other');
    analyzer.dispose();
    await assert.rejects(analyzer.analyze(image), { code: 'ERR_DISPOSED' });
  });

  it('says how to make them where there is none', () => refused('ERR_IO', /--layout pytorch/));

  it("refuses Keras's layout and says what to do", async () => {
    const source = join(__dirname, '..', '..', 'parity', 'deepface', 'age_model_weights.h5');
    await convertCheckpoint(source, folder(DEEPFACE_FILES.age));
    await refused('ERR_WEIGHTS_FORMAT', /--layout pytorch/);
  });

  it('refuses a network in the place of another', async () => {
    await deepFaceWeights(folder(), ['age']);
    copyFileSync(folder(DEEPFACE_FILES.age), folder(DEEPFACE_FILES.race));
    await refused('ERR_WEIGHTS_SHAPE', /predictions/);
  });

  it('refuses a file that is none', async () => {
    writeFileSync(folder(DEEPFACE_FILES.gender), 'not weights');
    await refused('ERR_WEIGHTS_FORMAT', /gender_model_weights/);
  });

  const CASES: readonly [what: string, code: string, change: (tensors: Map<string, TensorData>) => void][] = [
    ['a layer that is missing', 'ERR_WEIGHTS_MISSING', (tensors) => tensors.delete('conv2d_15.kernel')],
    ['a bias that is missing', 'ERR_WEIGHTS_MISSING', (tensors) => tensors.delete('conv2d_3.bias')],
    ['a layer too many', 'ERR_WEIGHTS_UNEXPECTED', (tensors) => tensors.set('conv2d_99.kernel', tensors.get('conv2d_1.bias')!)],
    ['an unknown layer', 'ERR_WEIGHTS_UNEXPECTED', (tensors) => tensors.set('lambda.kernel', tensors.get('conv2d_1.bias')!)],
    ['a layer of one number twice', 'ERR_WEIGHTS_UNEXPECTED', (tensors) => tensors.set('conv2d_1.weight', tensors.get('conv2d_1.bias')!)],
    ['an empty layer', 'ERR_WEIGHTS_SHAPE', (tensors) => tensors.set('conv2d_1.kernel', { dtype: 'F32', shape: [0, 3, 3, 3], data: new Float32Array() })],
    ['a layer of nothing, however large', 'ERR_WEIGHTS_SHAPE', (tensors) => tensors.set('conv2d_14.kernel', { dtype: 'F32', shape: [2 ** 40, 10, 0, 7], data: new Float32Array() })],
    ['NaN', 'ERR_WEIGHTS_NONFINITE', (tensors) => ((tensors.get('predictions.bias')!.data as Float32Array)[5] = NaN)],
  ];
  for (const [what, code, change] of CASES) {
    it(`refuses ${what}`, async () => {
      await changed('age', change);
      await assert.rejects(loadDeepFaceReader(folder(), CPU, undefined), { code });
    });
  }
});
