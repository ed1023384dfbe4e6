/** What is read of real photographs, with the real networks. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { FaceAnalyzer } from '../../../ts/attributes/face-analyzer.js';
import { decodeImage } from '../../../ts/data/decode.js';
import { DeepcodeError } from '../../../ts/errors.js';
import { blank, montage, SAMPLES } from '../../support/face-pictures.js';
import { pulledModels } from '../../support/face-networks.js';

const sum = (scores: Readonly<Record<string, number>>): number => Object.values(scores).reduce((a, b) => a + b, 0);

describe('FaceAnalyzer', () => {
  let analyzer: FaceAnalyzer | undefined;
  before(async () => {
    const models = pulledModels();
    if (models !== undefined) analyzer = await FaceAnalyzer.load({ models, device: 'cpu' });
  });
  after(() => analyzer?.dispose());

  it("gives every attribute of a face in DeepFace's shape", async function () {
    if (analyzer === undefined) return this.skip();
    const [face, ...others] = await analyzer.analyze(join(SAMPLES, 'real-congress-1.jpg'));
    assert.equal(others.length, 0);
    assert.deepEqual(Object.keys(face!).sort(), [
      'age', 'dominant_emotion', 'dominant_gender', 'dominant_race', 'emotion', 'face_confidence', 'gender', 'race', 'region',
    ]); // prettier-ignore
    for (const scores of [face!.gender!, face!.race!, face!.emotion!]) assert.ok(Math.abs(sum(scores) - 100) < 1e-3);
    const { x, y, w, h, left_eye, right_eye } = face!.region;
    for (const value of [x, y, w, h, ...left_eye!, ...right_eye!]) assert.ok(Number.isInteger(value));
    assert.ok(right_eye![0] < left_eye![0] && x < right_eye![0] && left_eye![0] < x + w && y < left_eye![1] && left_eye![1] < y + h);
    assert.ok(face!.age! >= 0 && face!.age! <= 100 && face!.face_confidence > 0.5);
  });

  it('reads every face of a picture, each as if it were alone', async function () {
    if (analyzer === undefined) return this.skip();
    const faces = await analyzer.analyze(await montage(300));
    assert.equal(faces.length, 6);
    const places = new Set(faces.map(({ region: { x, y, w, h } }) => `${Math.floor((x + w / 2) / 300)},${Math.floor((y + h / 2) / 300)}`));
    assert.equal(places.size, 6);
  });

  it('takes paths, bytes and decoded images alike', async function () {
    if (analyzer === undefined) return this.skip();
    const path = join(SAMPLES, 'real-london-2.jpg');
    assert.deepEqual(await analyzer.analyze(path), await analyzer.analyze(await decodeImage(path)));
  });

  it('finds nothing where there is nothing, of any size', async function () {
    if (analyzer === undefined) return this.skip();
    for (const [width, height] of [[1, 1], [5000, 3], [3, 5000], [64, 64]] as const) {
      assert.deepEqual(await analyzer.analyze(blank(width, height)), [], `${width} x ${height}`);
    }
  });

  it('does not die of a face at the edge, and rejects bad images and a disposed one', async function () {
    if (analyzer === undefined) return this.skip();
    const { width, height, data } = await decodeImage(join(SAMPLES, 'real-london-1.jpg'));
    const half = { width, height: Math.floor(height / 2), data: data.subarray(0, width * Math.floor(height / 2) * 3) };
    await analyzer.analyze(half, { minScore: 0.05 });
    await assert.rejects(analyzer.analyze(Buffer.from('no image')), (error) => error instanceof DeepcodeError && error.code === 'ERR_IMAGE');
    await assert.rejects(analyzer.analyze('x.jpg', { signal: AbortSignal.abort() }), { name: 'AbortError' });
    const own = await FaceAnalyzer.load({ models: pulledModels()!, device: 'cpu' });
    own.dispose();
    own.dispose();
    await assert.rejects(own.analyze(join(SAMPLES, 'real-london-1.jpg')), { code: 'ERR_DISPOSED' });
  });

  it('says which file of a folder is missing', async () => {
    await assert.rejects(FaceAnalyzer.load({ models: __dirname, device: 'cpu' }), { code: 'ERR_IO' });
  });
});
