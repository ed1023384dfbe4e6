import { flipBytes } from '../support/byte-flips.js';

describe('decodeImage with random bytes changed', () => {
  for (let seed = 1; seed <= 10; seed++) {
    it(`gives an image or ERR_IMAGE 500 times (seed ${seed})`, () => flipBytes(500, seed));
  }
});
