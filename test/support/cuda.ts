/** Tests that need a GPU. */
import type { Context } from 'mocha';
import { native } from '../../ts/native.js';

/**
 * For `before`: where this process has no CUDA device, every test of the suite is skipped and says why; with
 * DEEPCODE_REQUIRE_CUDA set, which test/gpu/run.sh does, that is a failure.
 */
export function skipWithoutCuda(context: Context): void {
  const { cuda } = native().runtimeInfo();
  if (cuda.available) return;
  if (process.env.DEEPCODE_REQUIRE_CUDA) throw new Error(cuda.reason);
  context.test!.parent!.eachTest((test) => {
    test.skipReason = cuda.reason;
  });
  context.skip();
}
