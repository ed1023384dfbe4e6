import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fitPca, projectPca } from '../../../ts/plots/index.js';

interface PcaCase {
  name: string;
  dimensions: number;
  features: number[];
  components: number[][];
  explainedVariance: number[];
  explainedVarianceRatio: number[];
  extra: number[];
  projected: number[][];
}

const { cases } = JSON.parse(readFileSync(join(__dirname, 'fixtures.json'), 'utf8')) as {
  cases: PcaCase[];
};

function assertClose(actual: ArrayLike<number>, expected: number[], what: string): void {
  assert.equal(actual.length, expected.length, what);
  const scale = Math.max(...expected.map(Math.abs));
  expected.forEach((value, i) =>
    assert.ok(
      Math.abs(actual[i]! - value) <= 1e-6 * scale,
      `${what}[${i}]: ${actual[i]} is not ${value}`,
    ),
  );
}

describe('fitPca() agrees with scikit-learn', () => {
  for (const reference of cases) {
    it(reference.name, () => {
      const pca = fitPca(reference.features, reference.dimensions, reference.components.length);
      assertClose(pca.explainedVariance, reference.explainedVariance, 'explainedVariance');
      assertClose(
        pca.explainedVarianceRatio,
        reference.explainedVarianceRatio,
        'explainedVarianceRatio',
      );
      reference.components.forEach((expected, i) =>
        assertClose(pca.components[i]!, expected, `component ${i}`),
      );
      const projected = projectPca(pca, reference.extra);
      assertClose(projected.flat(), reference.projected.flat(), 'projected');
    });
  }
});

describe('fitPca()', () => {
  it('is the same on every call', () => {
    const { features, dimensions } = cases[0]!;
    assert.deepEqual(fitPca(features, dimensions), fitPca(features, dimensions));
  });

  it('directions beyond the rank are zero, and so are projections on them', () => {
    const line = fitPca([1, 2, 3, 2, 4, 6, 3, 6, 9], 3);
    assert.ok(Math.abs(line.explainedVarianceRatio[0]! - 1) < 1e-12);
    assert.ok(projectPca(line, [5, 10, 15]).every(([, y]) => Math.abs(y) < 1e-6));
    const point = fitPca([1, 2, 1, 2], 2);
    assert.deepEqual(point.explainedVariance, [0, 0]);
    assert.deepEqual(projectPca(point, [1, 2]), [[0, 0]]);
  });

  it('refuses ragged rows, NaN and components out of range', () => {
    assert.throws(() => fitPca([1, 2, 3], 2), { code: 'ERR_SHAPE' });
    assert.throws(() => fitPca([], 2), { code: 'ERR_SHAPE' });
    assert.throws(() => fitPca([1, NaN], 2), { code: 'ERR_NONFINITE' });
    assert.throws(() => fitPca([1, 2], 2, 3), RangeError);
    assert.throws(() => projectPca(fitPca([1, 2, 3, 4], 2), [1, 2, 3]), { code: 'ERR_SHAPE' });
  });
});
