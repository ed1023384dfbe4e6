/** V8 is told how much memory a network holds, so that it collects detectors that nobody has disposed of. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Detector } from '../../ts/detect/detector.js';
import { externalMemoryReader } from '../support/external-memory.js';
import { writeRandomVit, type RandomVitOptions } from '../support/random-vit.js';
import { useTemporaryFolder } from '../support/temporary-folder.js';

/** 22 MB of weights: far above what else comes and goes. */
const LARGE: RandomVitOptions = { embedDim: 192, depth: 12, numHeads: 3 };
const SLACK = 2 ** 20;

function assertNear(actual: number, expected: number, what: string): void {
  assert.ok(Math.abs(actual - expected) <= SLACK, `${what}: ${actual} bytes, expected about ${expected}`);
}

describe('External memory', () => {
  const at = useTemporaryFolder();
  let own: string;
  let external: () => Promise<number>;
  before(() => {
    own = mkdtempSync(join(tmpdir(), 'deepcode-external-'));
    external = externalMemoryReader(own);
  });
  after(() => rmSync(own, { recursive: true, force: true }));

  let folder: string;
  let weights: number;
  beforeEach(async () => {
    folder = writeRandomVit(at('vit'), LARGE);
    weights = statSync(at('vit', 'model.safetensors')).size;
    // What a first load leaves for good is none of the weights.
    using _ = await Detector.load(writeRandomVit(at('small')), { device: 'cpu' });
  });

  // In fp32: a processor without instructions for bf16 holds such weights in fp32 too.
  it('rises by the weights of a detector and falls back at dispose()', async () => {
    const start = await external();
    const detector = await Detector.load(folder, { device: 'cpu' });
    assertNear((await external()) - start, weights, 'loaded');
    detector.dispose();
    assertNear(await external(), start, 'disposed of');
    detector.dispose();
    assertNear(await external(), start, 'disposed of twice');
  });

  it('counts every detector', async () => {
    const start = await external();
    const detectors = [await Detector.load(folder, { device: 'cpu' }), await Detector.load(folder, { device: 'cpu' })];
    assertNear((await external()) - start, 2 * weights, 'two');
    detectors.pop()!.dispose();
    assertNear((await external()) - start, weights, 'one');
    detectors.pop()!.dispose();
    assertNear(await external(), start, 'none');
  });

  it('falls back when a detector that was not disposed of is collected', async () => {
    const start = await external();
    const kept = [await Detector.load(folder, { device: 'cpu' })];
    assertNear((await external()) - start, weights, 'loaded');
    kept.pop();
    assertNear(await external(), start, 'collected');
  });
});
