import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DetectedFace } from '../../../ts/faces/detected-face.js';
import { FaceDetector } from '../../../ts/faces/face-detector.js';
import { callNative } from '../../../ts/native.js';
import { writeSafetensors } from '../../../ts/weights/safetensors.js';
import { assertClose } from '../../support/closeness.js';
import { montage, SAMPLES } from '../../support/face-pictures.js';
import { blazeFaceWeights, openBlazeFace, syntheticImages } from '../../support/face-networks.js';
import { floatsOf, readSafetensors } from '../../support/read-safetensors.js';

const { pictures, small } = JSON.parse(readFileSync(join(__dirname, 'detections.json'), 'utf8')) as {
  pictures: Record<string, number[][]>;
  small: number[][][];
};
/** As generate.py has them. */
const CALMED: Readonly<Record<string, number>> = { classifier: 2 ** -25, regressor: 2 ** -20 };
const SMALL_SCORE = 0.75;

/** As a row of the fixture. */
function rowOf({ box, score, landmarks: l }: DetectedFace): number[] {
  const points = [l.rightEye, l.leftEye, l.nose, l.mouth!, l.rightEar!, l.leftEar!].flat();
  return [score, box.x, box.y, box.x + box.width, box.y + box.height, ...points];
}

describe('finding faces with BlazeFace', () => {
  let folder: string;
  let detector: FaceDetector | undefined;
  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'deepcode-test-'));
    const weights = await blazeFaceWeights(folder);
    if (weights !== undefined) detector = await FaceDetector.load({ weights, device: 'cpu' });
  });
  after(() => {
    detector?.dispose();
    rmSync(folder, { recursive: true, force: true });
  });

  for (const [name, expected] of Object.entries(pictures)) {
    it(`finds the reference's faces in ${name}`, async function () {
      if (detector === undefined) return this.skip();
      const faces = await detector.detect(name === 'montage' ? await montage(300) : join(SAMPLES, name));
      assert.equal(faces.length, expected.length);
      faces.forEach((face, i) => assertClose(rowOf(face), expected[i]!, 1e-4));
    });
  }

  it('decodes, merges and sorts as the reference, where there are many', async () => {
    const stored = readSafetensors(join(__dirname, '..', 'blazeface', 'small.safetensors'));
    const calmed = new Map(
      [...stored].map(([key, { shape }]) => {
        const data = floatsOf(stored, key).map((value) => value * (CALMED[key.split('_')[0]!] ?? 1));
        return [key, { dtype: 'F32' as const, shape, data }];
      }),
    );
    const weights = join(folder, 'calmed.safetensors');
    await writeSafetensors(weights, calmed);
    const network = await openBlazeFace(weights, { narrow: 3, middle: 6, wide: 12 });
    const thresholds = { scoreThreshold: SMALL_SCORE, overlapThreshold: 0.3 };
    const found = await callNative(undefined, (_, token) => network.detect(syntheticImages(256, 3), 2, thresholds, token));
    assert.deepEqual(found.map((faces) => faces.length), small.map((faces) => faces.length));
    found.forEach((faces, n) => faces.forEach((face, i) => assertClose(face, small[n]![i]!, 1e-4)));
    network.dispose();
  });
});
