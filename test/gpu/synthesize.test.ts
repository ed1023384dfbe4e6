/** Synthesis on a GPU: the processor's prompts, seeds and choices, and its distances within rounding. */
import assert from 'node:assert/strict';
import type { FinishedRecord } from '../../ts/synthesize/record.js';
import { synthesize } from '../../ts/synthesize/synthesize.js';
import { assertClose } from '../support/closeness.js';
import { skipWithoutCuda } from '../support/cuda.js';
import { imagesOf, TINY_SYNTHESIS, writePhotos } from '../support/synthesis.js';
import { useTemporaryFolder } from '../support/temporary-folder.js';

const DEVICE = 'cuda:0';

describe('synthesize on CUDA', () => {
  const path = useTemporaryFolder();
  before(function () {
    skipWithoutCuda(this);
  });

  it('agrees with the processor in fp32', async () => {
    await writePhotos(path('photos'), 3);
    const options = { ...TINY_SYNTHESIS, photos: path('photos'), threshold: 'auto', dtype: 'fp32' } as const;
    const reports = [
      await synthesize({ ...options, out: path('processor') }),
      await synthesize({ ...options, device: DEVICE, out: path('device') }),
    ];
    assertClose([reports[1]!.threshold], [reports[0]!.threshold], 1e-3);
    const [expected, found] = ['processor', 'device'].map((name) => Object.values(imagesOf(path(name))));
    const said = ({ name, attempts }: FinishedRecord): unknown => [name, attempts[0]!.prompt, attempts[0]!.seed];
    assert.deepEqual(found!.map(said), expected!.map(said));
    const first = ({ attempts }: FinishedRecord): number => attempts[0]!.distance!;
    assertClose(found!.map(first), expected!.map(first), 1e-2);
  });

  it('draws in the arithmetic of the device when none is asked for', async () => {
    await writePhotos(path('photos'), 2);
    const { drawn } = await synthesize({ ...TINY_SYNTHESIS, device: DEVICE, photos: path('photos'), out: path('out') });
    assert.equal(drawn, 2);
  });
});
