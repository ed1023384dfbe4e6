import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { callNative } from '../../../ts/native.js';
import type { NativeSingleCenterOptions } from '../../../ts/native/losses.js';
import { assertClose } from '../../support/closeness.js';

interface Case {
  name: string;
  options: NativeSingleCenterOptions;
  features: number[];
  labels: number[];
  center: number[];
  loss: number;
  gradFeatures: number[];
  gradCenter: number[];
}

const CASES = JSON.parse(readFileSync(join(__dirname, 'fixtures.json'), 'utf8')) as Case[];

function compute({ features, labels, center, options }: Case) {
  return callNative(undefined, (addon) =>
    addon.singleCenterLoss(Float32Array.from(features), Uint8Array.from(labels), Float32Array.from(center), options),
  );
}

function assertSame(actual: Float32Array, expected: number[]): void {
  if (expected.every((value) => value === 0)) assert.ok(actual.every((value) => value === 0));
  else assertClose(actual, expected, 1e-5);
}

describe('singleCenterLoss', () => {
  const options = { margin: 0.3, scaledMargin: false, distance: 'euclidean' } as const;
  const call = (features: number, labels: number, center: number) =>
    callNative(undefined, (addon) =>
      addon.singleCenterLoss(new Float32Array(features), new Uint8Array(labels), new Float32Array(center), options),
    );

  it('refuses features that are not one row a label', async () => {
    await assert.rejects(call(4, 0, 2), { name: 'RangeError' });
    await assert.rejects(call(5, 2, 2), { name: 'RangeError' });
  });

  it('refuses a centre of another size', async () => {
    await assert.rejects(call(4, 2, 3), { code: 'ERR_SHAPE' });
  });
});

describe('Single-Center Loss against autograd in Python', () => {
  for (const item of CASES) {
    it(`gives value and gradients: ${item.name}`, async () => {
      const { loss, gradFeatures, gradCenter } = await compute(item);
      assert.ok(Math.abs(loss - item.loss) <= 1e-6 * Math.max(1, Math.abs(item.loss)), `${loss} is not ${item.loss}`);
      assertSame(gradFeatures, item.gradFeatures);
      assertSame(gradCenter, item.gradCenter);
    });
  }

  it('refuses a centre of another dimension', async () => {
    const item = { ...CASES[0]!, center: [1, 2, 3] };
    await assert.rejects(compute(item), { code: 'ERR_SHAPE' });
  });
});
