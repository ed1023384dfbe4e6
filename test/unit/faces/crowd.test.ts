/** Ten faces, small faces, drawn faces: with the real networks. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { FaceAnalyzer } from '../../../ts/attributes/face-analyzer.js';
import { decodeImage } from '../../../ts/data/decode.js';
import { cropFace, eyeAngle } from '../../../ts/faces/crop-face.js';
import type { DetectedFace } from '../../../ts/faces/detected-face.js';
import { FaceDetector } from '../../../ts/faces/face-detector.js';
import { callNative } from '../../../ts/native.js';
import { cartoon, crowd } from '../../support/crowd.js';
import { mtcnnWeights, pulledModels } from '../../support/face-networks.js';
import { SAMPLES } from '../../support/face-pictures.js';
import { useTemporaryFolder } from '../../support/temporary-folder.js';

/** How many of the middles have a face of their own. */
function hits(faces: readonly DetectedFace[], middles: readonly [number, number][], side: number): number {
  const near = ({ box }: DetectedFace, [x, y]: [number, number]): boolean =>
    Math.hypot(box.x + box.width / 2 - x, box.y + box.height / 2 - y) < 0.3 * side;
  return middles.filter((middle) => faces.some((face) => near(face, middle))).length;
}

describe('pictures of many, small and drawn faces', () => {
  const folder = useTemporaryFolder();
  const models = pulledModels();
  let detector: FaceDetector;
  before(async function () {
    if (models === undefined) return this.skip();
    detector = await FaceDetector.load({ weights: join(models, 'blazeface.safetensors'), device: 'cpu' });
  });
  after(() => detector?.dispose());

  it('gives the attributes of ten people', async () => {
    const { image, middles } = await crowd(10, 160, 1000, 500);
    const faces = await detector.detect(image);
    assert.deepEqual([faces.length, hits(faces, middles, 160)], [10, 10]);
    using analyzer = await FaceAnalyzer.load({ models, device: 'cpu' });
    const people = await analyzer.analyze(image);
    assert.equal(people.length, 10);
    for (const { age, dominant_gender, dominant_race, dominant_emotion } of people) {
      assert.ok(Number.isInteger(age) && dominant_gender && dominant_race && dominant_emotion);
    }
  });

  it('finds faces of 20 pixels in squares of the image, each once, where minFace asks for them', async () => {
    const { image, middles } = await crowd(10, 36, 1200, 900);
    assert.ok(hits(await detector.detect(image), middles, 36) < 10);
    const faces = await detector.detect(image, { minFace: 20 });
    assert.deepEqual([faces.length, hits(faces, middles, 36)], [10, 10]);
    for (const { box, landmarks: { rightEye, leftEye } } of faces) {
      assert.ok(box.width > 16 && box.width < 36);
      assert.ok(rightEye[0] < leftEye[0] && rightEye[0] > box.x && leftEye[0] < box.x + box.width);
    }
    assert.deepEqual(faces.map(({ score }) => score), faces.map(({ score }) => score).sort((a, b) => b - a));
  });

  it('finds large faces no less and no more often with minFace', async () => {
    const { image, middles } = await crowd(10, 160, 1000, 500);
    const faces = await detector.detect(image, { minFace: 30 });
    assert.deepEqual([faces.length, hits(faces, middles, 160)], [10, 10]);
  });

  it('leaves out smaller faces with MTCNN, and finds those of 20 pixels', async function () {
    const weights = await mtcnnWeights(folder());
    if (weights === undefined) return this.skip();
    using mtcnn = await FaceDetector.load({ network: 'mtcnn', weights, device: 'cpu' });
    const { image, middles } = await crowd(4, 36, 600, 400);
    assert.equal(hits(await mtcnn.detect(image, { minFace: 20 }), middles, 36), 4);
    assert.equal((await mtcnn.detect(image, { minFace: 150 })).length, 0);
  });

  it('stops amid the squares when it is told to', async () => {
    const { image } = await crowd(1, 36, 1600, 1200);
    const abort = new AbortController();
    const running = detector.detect(image, { minFace: 12, signal: abort.signal });
    setTimeout(() => abort.abort(), 20);
    await assert.rejects(running, { name: 'AbortError' });
    assert.equal((await detector.detect(join(SAMPLES, 'real-london-1.jpg'))).length, 1);
  });

  it('takes a drawing for what it looks like, without an error', async () => {
    for (const side of [100, 300, 1000]) {
      for (const { box, score } of await detector.detect(cartoon(side), { minFace: 20 })) {
        assert.ok(score >= 0.5 && score <= 1 && box.width > 0 && box.height > 0);
      }
    }
  });

  it('levels the eyes of a tilted head', async () => {
    const image = await decodeImage(join(SAMPLES, 'real-london-1.jpg'));
    const [cos, sin, x, y] = [Math.cos(0.4), Math.sin(0.4), image.width / 2, image.height / 2];
    const { width, height } = image;
    const matrix = [cos, -sin, x - x * cos + y * sin, sin, cos, y - x * sin - y * cos];
    const options = { sourceWidth: width, sourceHeight: height, width, height, matrix, fill: [128, 128, 128] };
    const tilted = await callNative(undefined, (addon) => addon.imageAffineCrop(image.data, options));
    const [face] = await detector.detect(tilted);
    assert.ok(Math.abs(eyeAngle(face!)) > 0.25, `${eyeAngle(face!)}`);
    const [level] = await detector.detect(await cropFace(tilted, face!, { size: 300, margin: 1 }));
    assert.ok(Math.abs(eyeAngle(level!)) < 0.1, `${eyeAngle(level!)}`);
  });
});
