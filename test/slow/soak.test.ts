import { deepStrictEqual, ok, strictEqual } from 'node:assert/strict';
import { abortAt20Points, growthOf, threadsMayGrowBy, undisturbedLogits, type GrowthScenario } from '../support/soak.js';

/** scenario, what it is, how often, warm-up */
const SCENARIOS: [GrowthScenario, string, number, number][] = [
  ['predictions', '50,000 predictions', 50_000, 2000],
  ['facade', '5,000 predictions from the bytes of a file', 5000, 500],
  ['lifecycle', '1,000 detectors loaded, used and disposed of', 1000, 100],
  ['sizes', '500 sizes of images and batches', 500, 100],
  ['workers', '20 times 8 workers that are terminated in mid-inference', 20, 4],
];

describe('A process that works for long', () => {
  for (const [scenario, title, times, warmUp] of SCENARIOS) {
    it(`keeps its memory within 32 MB and its threads: ${title}`, function () {
      const { before, after, megabytes } = growthOf(scenario, times, warmUp);
      const figure = `${megabytes.toFixed(1)} MB on top of ${(before.rss / 2 ** 20).toFixed(0)} MB`;
      this.test!.title += ` (${figure})`;
      ok(megabytes <= 32, figure);
      const threads = after.threads - before.threads;
      ok(threads <= threadsMayGrowBy(scenario), `${threads} threads more`);
    });
  }

  it('answers as a fresh process does after each of 400 aborts at 20 points', () => {
    const { logits, outcomes, changed } = abortAt20Points(20);
    deepStrictEqual(logits, undisturbedLogits());
    strictEqual(changed, 0);
    strictEqual(outcomes.AbortError + outcomes.finished, 400, 'no other error');
    ok(outcomes.AbortError >= 200, `${outcomes.AbortError} of 400 calls were aborted`);
  });
});
