import assert from 'node:assert/strict';
import type { DetectedFace } from '../../../ts/faces/detected-face.js';
import { mergeFaces } from '../../../ts/faces/merge-faces.js';
import { TILE_SIZE, tileSides, tileStarts } from '../../../ts/faces/tiles.js';

describe('tileSides', () => {
  it('halves until the smallest face is a fifteenth of a square', () => {
    assert.deepEqual(tileSides(4000, 100), [2000, 1500]);
    assert.deepEqual(tileSides(2400, 40), [1200, 600]);
  });

  it('never enlarges the image', () => assert.deepEqual(tileSides(1000, 12), [500, 256]));

  it('needs none where the whole image shows such faces', () => {
    assert.deepEqual(tileSides(600, 40), []);
    assert.deepEqual(tileSides(200, 12), []);
  });
});

describe('tileStarts', () => {
  it('covers every length, and shares a quarter of a square with each neighbour', () => {
    for (let length = 1; length < 2000; length += 7) {
      const starts = tileStarts(length);
      assert.equal(starts[0], 0);
      assert.ok(starts.at(-1)! + TILE_SIZE >= length, `${length}`);
      assert.ok(length <= TILE_SIZE || starts.at(-1)! + TILE_SIZE === length, `${length}`);
      for (let i = 1; i < starts.length; i++) assert.ok(starts[i]! - starts[i - 1]! <= 0.75 * TILE_SIZE + 1, `${length}`);
    }
  });
});

describe('mergeFaces', () => {
  const face = (x: number, side: number, score: number): DetectedFace => ({
    box: { x, y: 0, width: side, height: side },
    score,
    landmarks: { rightEye: [x, 0], leftEye: [x + side, 0], nose: [x, side] },
  });

  it('keeps the surest of each face, the surest first', () => {
    const faces = [face(0, 10, 0.6), face(2, 10, 0.9), face(30, 10, 0.95)];
    assert.deepEqual(mergeFaces(faces), [faces[2], faces[1]]);
  });

  it('takes a part inside a face for the same, whichever is surer', () => {
    assert.equal(mergeFaces([face(0, 40, 0.6), face(5, 12, 0.9)]).length, 1);
    assert.equal(mergeFaces([face(0, 40, 0.9), face(5, 12, 0.6)]).length, 1);
  });

  it('leaves neighbours alone', () => assert.equal(mergeFaces([face(0, 10, 0.6), face(9, 10, 0.9)]).length, 2));
});
