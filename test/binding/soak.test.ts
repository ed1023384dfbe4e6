import { deepStrictEqual, ok, strictEqual } from 'node:assert/strict';
import { abortAt20Points, growthOf, threadsMayGrowBy, undisturbedLogits, type GrowthScenario } from '../support/soak.js';

/** How often, and warm-up. test/slow/soak.test.ts does the same for long, with the bound that is promised. */
const SCENARIOS: Record<GrowthScenario, [number, number]> = {
  predictions: [600, 200],
  facade: [100, 50],
  lifecycle: [40, 20],
  sizes: [40, 20],
  workers: [2, 2],
};

/** Far above what caches still take after so short a warm-up, far below one leaked copy a call. */
const GENEROUS_MEGABYTES = 64;

describe('A process that works for a while', () => {
  for (const [scenario, [times, warmUp]] of Object.entries(SCENARIOS) as [GrowthScenario, [number, number]][]) {
    it(`keeps its memory and threads: ${scenario}`, () => {
      const { before, after, megabytes } = growthOf(scenario, times, warmUp);
      ok(megabytes < GENEROUS_MEGABYTES, `${megabytes.toFixed(1)} MB more`);
      const threads = after.threads - before.threads;
      ok(threads <= threadsMayGrowBy(scenario), `${threads} threads more`);
    });
  }

  it('answers as a fresh process does after calls that were aborted', () => {
    const { logits, outcomes, changed } = abortAt20Points(1);
    deepStrictEqual(logits, undisturbedLogits());
    strictEqual(changed, 0);
    strictEqual(outcomes.AbortError + outcomes.finished, 20, 'no other error');
  });
});
