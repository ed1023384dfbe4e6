import { killAndResume } from '../support/hub-kill.js';
import { WEIGHTS } from '../support/hub-case.js';

describe('kill -9 amid a download', () => {
  for (const bytes of [1, 131_072, WEIGHTS.length]) {
    it(`after ${bytes} of ${WEIGHTS.length} bytes: the next call goes on from there`, () =>
      killAndResume(bytes));
  }
});
