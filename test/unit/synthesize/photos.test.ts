import assert from 'node:assert/strict';
import { imageNames } from '../../../ts/synthesize/photos.js';

describe('imageNames', () => {
  it('gives PNG names that do not collide, in folders and beside each other', () => {
    const names = imageNames(['a.jpg', 'a.png', 'a.webp', 'sub/a.jpg', 'a-2.jpg'], new Map());
    assert.deepEqual([...names.values()], ['a.png', 'a-2.png', 'a-3.png', 'sub/a.png', 'a-2-2.png']);
    assert.equal(new Set(names.values()).size, 5);
  });

  it('keeps names that were given before, also when photos come before them', () => {
    const names = imageNames(['a.jpeg', 'a.jpg', 'a.png'], new Map([['a.jpg', 'a.png'], ['gone.jpg', 'a-2.png']])); // prettier-ignore
    assert.deepEqual(Object.fromEntries(names), { 'a.jpeg': 'a-3.png', 'a.jpg': 'a.png', 'a.png': 'a-4.png' });
  });
});
