/** Every number of the report, intervals too, against NumPy (see generate.py). */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fairnessReport, FIGURES, type Estimate, type FairnessReport, type GroupReport } from '../../../ts/fairness/index.js';

type Rates = Record<'accuracy' | 'auc' | 'tpr' | 'fpr', Estimate | null>;

interface ReferenceGroup extends Rates {
  group: string;
  real: number;
  fake: number;
  threshold: number;
}

interface ReferenceCase {
  name: string;
  threshold: string;
  minGroup: number;
  labels: number[];
  scores: number[];
  gender: string[];
  race: string[];
  /** "" is nobody known. */
  identity: string[];
  overall: ReferenceGroup;
  families: {
    name: string;
    groups: ReferenceGroup[];
    figures: Record<(typeof FIGURES)[number], Estimate | null>;
    unknown: number;
  }[];
}

const TOLERANCE = 1e-9;
const { cases, modelThreshold, ...settings } = JSON.parse(readFileSync(join(__dirname, 'fixtures.json'), 'utf8')) as {
  resamples: number;
  confidence: number;
  seed: number;
  modelThreshold: number;
  cases: ReferenceCase[];
};

function assertEstimate(actual: Estimate | null, expected: Estimate | null, what: string): void {
  if (actual === null || expected === null) return assert.deepEqual(actual, expected, what);
  for (const part of ['value', 'lower', 'upper'] as const) {
    assert.ok(Math.abs(actual[part] - expected[part]) <= TOLERANCE, `${what} ${part}: ${actual[part]} is not ${expected[part]}`);
  }
}

function assertGroup(actual: GroupReport, expected: ReferenceGroup, what: string): void {
  assert.deepEqual([actual.group, actual.real, actual.fake], [expected.group, expected.real, expected.fake], what);
  assert.ok(Math.abs(actual.threshold - expected.threshold) <= TOLERANCE, `${what}: threshold ${actual.threshold} is not ${expected.threshold}`);
  for (const rate of ['accuracy', 'auc', 'tpr', 'fpr'] as const) assertEstimate(actual[rate], expected[rate], `${what} ${rate}`);
}

function reportOf({ labels, scores, gender, race, identity, threshold, minGroup }: ReferenceCase): FairnessReport {
  const known = (value: string): object | undefined => (value === '' ? undefined : { value, predicted: false, confidence: null });
  const demographics = labels.map((_, i) => ({ gender: known(gender[i]!), race: known(race[i]!) }) as never);
  const identities = identity.map((name) => (name === '' ? undefined : name));
  return fairnessReport(
    { labels, scores, demographics, identities, threshold: modelThreshold },
    { ...settings, threshold, minGroup, groups: 'gender,race' },
  );
}

describe('the fairness report agrees with NumPy to 1e-9', () => {
  assert.equal(cases.length, 12);
  for (const reference of cases) {
    describe(reference.name, () => {
      const report = reportOf(reference);

      it('rates of all images and of every group, with intervals', () => {
        assertGroup(report.overall, reference.overall, 'all');
        reference.families.forEach((family, f) => {
          assert.equal(report.families[f]!.groups.length, family.groups.length);
          family.groups.forEach((group, g) => assertGroup(report.families[f]!.groups[g]!, group, `${family.name} ${group.group}`));
        });
      });

      it('every figure, with intervals, and null where there is none', () => {
        reference.families.forEach((family, f) => {
          const { name, figures, unknown } = report.families[f]!;
          assert.deepEqual([name, unknown], [family.name, family.unknown]);
          for (const figure of FIGURES) {
            assertEstimate(figures[figure].estimate, family.figures[figure], `${name} ${figure}`);
            assert.equal(figures[figure].reason === null, family.figures[figure] !== null, `${name} ${figure}: reason`);
          }
        });
      });
    });
  }

  it('covers figures that cannot be computed, groups of one class, and gaps that are not 0', () => {
    const figures = cases.flatMap(({ families }) => families.flatMap((family) => Object.values(family.figures)));
    assert.ok(figures.some((figure) => figure === null));
    assert.ok(figures.filter((figure) => figure !== null && figure.lower > 0.01).length > 50);
    assert.ok(cases.some(({ families }) => families.some(({ groups }) => groups.some(({ real, fake }) => real === 0 && fake > 0))));
  });
});
