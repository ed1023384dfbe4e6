import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { decodeImage } from '../../../ts/data/decode.js';
import { FaceDetector } from '../../../ts/faces/face-detector.js';
import { MTCNN } from '../../../ts/faces/mtcnn.js';
import { callNative } from '../../../ts/native.js';
import type { NativeMtcnn } from '../../../ts/native/faces.js';
import { assertClose } from '../../support/closeness.js';
import { blank, montage, SAMPLES } from '../../support/face-pictures.js';
import { mtcnnWeights } from '../../support/face-networks.js';

const { minFace, pictures } = JSON.parse(readFileSync(join(__dirname, 'detections.json'), 'utf8')) as {
  minFace: number;
  pictures: Record<string, number[][]>;
};

describe('MTCNN against the cascade of facenet-pytorch', () => {
  let folder: string;
  let network: NativeMtcnn | undefined;
  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'deepcode-test-'));
    if ((await mtcnnWeights(folder)) === undefined) return;
    const path = (name: string): string => join(folder, `${name}.safetensors`);
    const spec = { proposal: path('pnet'), refine: path('rnet'), output: path('onet'), device: 'cpu', dtype: 'fp32' as const };
    network = await callNative(undefined, (addon, token) => addon.mtcnnLoad(spec, token));
  });
  after(() => {
    network?.dispose();
    rmSync(folder, { recursive: true, force: true });
  });

  for (const [name, expected] of Object.entries(pictures)) {
    it(`finds the reference's faces in ${name}`, async function () {
      if (network === undefined) return this.skip();
      const { data, width, height } = name === 'montage' ? await montage(200) : await decodeImage(join(SAMPLES, name));
      const options = { width, height, minFace, scaleFactor: MTCNN.scaleFactor, thresholds: [...MTCNN.thresholds, 0.7] };
      const faces = await callNative(undefined, (_, token) => network!.detect(data, options, token));
      assert.equal(faces.length, expected.length);
      faces.forEach((face, i) => assertClose(face, expected[i]!, 1e-4));
    });
  }

  it('finds them through FaceDetector, and none in images without room for one', async function () {
    if (network === undefined) return this.skip();
    const detector = await FaceDetector.load({ network: 'mtcnn', weights: folder, device: 'cpu' });
    const [face, ...others] = await detector.detect(join(SAMPLES, 'real-london-1.jpg'), { minScore: 0.9 });
    assert.equal(others.length, 0);
    const { rightEye, leftEye, nose, rightMouth, leftMouth } = face!.landmarks;
    assert.ok(rightEye[0] < nose[0] && nose[0] < leftEye[0] && rightMouth![0] < leftMouth![0]);
    assert.ok(rightEye[1] < nose[1] && nose[1] < rightMouth![1]);
    for (const [width, height] of [[1, 1], [11, 400], [19, 19], [64, 64]] as const) {
      assert.deepEqual(await detector.detect(blank(width, height)), [], `${width} x ${height}`);
    }
    detector.dispose();
  });
});
