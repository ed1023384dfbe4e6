import { createRandom } from '../../ts/metrics/random.js';
import { killAndResume } from '../support/hub-kill.js';
import { WEIGHTS } from '../support/hub-case.js';

describe('kill -9 amid a download, 50 times', () => {
  const random = createRandom(50);
  for (let i = 0; i < 50; i++) {
    const bytes = i % 10 === 0 ? WEIGHTS.length : 1 + random.below(WEIGHTS.length - 1);
    it(`${i + 1}: after ${bytes} bytes`, () => killAndResume(bytes));
  }
});
