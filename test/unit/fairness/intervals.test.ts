/** Whether intervals have the truth in them, in data sets drawn from known rates. Their numbers: test/parity/fairness. */
import assert from 'node:assert/strict';
import { statedAll } from '../../../ts/data/demographics/demographics.js';
import type { Demographics } from '../../../ts/data/index.js';
import { fairnessReport, FIGURES, type Estimate, type FairnessInput, type FairnessReport } from '../../../ts/fairness/index.js';
import { createRandom, type RandomSource } from '../../../ts/metrics/random.js';

interface Population {
  /** FPR of each group. */
  rates: readonly number[];
  persons: number;
  /** Photos of each person, all accused or none. Default 1. */
  photos?: number;
}

/** Real photos, each person's accused at the rate of the group. */
function draw({ rates, persons, photos = 1 }: Population, random: RandomSource): Required<Pick<FairnessInput, 'identities'>> & FairnessInput {
  const input = { scores: [] as number[], labels: [] as number[], demographics: [] as Demographics[], identities: [] as string[] };
  rates.forEach((rate, group) => {
    for (let person = 0; person < persons; person++) {
      const accused = random.uniform() < rate;
      for (let photo = 0; photo < photos; photo++) {
        input.scores.push(accused ? 0.9 : 0.1);
        input.labels.push(0);
        input.demographics.push(statedAll({ race: `group ${group}` }));
        input.identities.push(`${group}-${person}`);
      }
    }
  });
  return input;
}

const report = (input: FairnessInput, seed = 0): FairnessReport => fairnessReport(input, { resamples: 100, minGroup: 1, seed });
const has = ({ lower, upper }: Estimate, truth: number): boolean => lower <= truth + 1e-12 && truth <= upper + 1e-12;
const width = ({ lower, upper }: Estimate): number => upper - lower;

describe('intervals of figures that compare groups', () => {
  const DATA_SETS = 30;

  for (const [name, rates, persons] of [
    ['eight equal groups', Array<number>(8).fill(0.2), 50],
    ['two equal groups', [0.2, 0.2], 100],
    ['eight groups that differ', [0.15, 0.15, 0.2, 0.2, 0.2, 0.2, 0.25, 0.25], 100],
    ['two groups that differ', [0.2, 0.35], 100],
  ] as const) {
    it(`have the truth in them about as often as they say, and themselves always: ${name}`, () => {
      const random = createRandom(persons + rates.length);
      const mean = rates.reduce((sum, rate) => sum + rate, 0) / rates.length;
      const truth = { fprGap: Math.max(...rates) - Math.min(...rates), fprSum: rates.reduce((sum, rate) => sum + Math.abs(rate - mean), 0) };
      const covered = { fprGap: 0, fprSum: 0 };
      for (let set = 0; set < DATA_SETS; set++) {
        const { identities: _, ...input } = draw({ rates, persons }, random);
        const { figures } = report(input, set).families[0]!;
        for (const figure of ['fprGap', 'fprSum'] as const) covered[figure] += Number(has(figures[figure].estimate!, truth[figure]));
        for (const { estimate } of FIGURES.map((figure) => figures[figure])) assert.ok(estimate === null || has(estimate, estimate.value));
      }
      // 95 % of 30 is 28.5; with a true coverage of 95 %, fewer than 25 come three times in 1000.
      for (const [figure, count] of Object.entries(covered)) assert.ok(count >= 25, `${figure}: ${count} of ${DATA_SETS}`);
    });
  }

  it('begin above 0 where a difference is beyond chance', () => {
    const input = draw({ rates: [0.1, 0.6], persons: 100 }, createRandom(3));
    assert.ok(report(input).families[0]!.figures.fprGap.estimate!.lower > 0.3);
  });
});

describe('intervals where images share persons', () => {
  const correlated = (seed: number): ReturnType<typeof draw> => draw({ rates: [0.3, 0.3], persons: 20, photos: 15 }, createRandom(seed));

  it('are wider, as there is less evidence than images', () => {
    const { identities, ...images } = correlated(1);
    const [drawn, single] = [report({ ...images, identities }), report(images)];
    const fpr = ({ families }: FairnessReport): Estimate => families[0]!.groups[0]!.fpr!;
    assert.equal(fpr(drawn).value, fpr(single).value);
    assert.ok(width(fpr(drawn)) > 2.5 * width(fpr(single)), `${width(fpr(drawn))} and ${width(fpr(single))}`);
    assert.ok(width(drawn.overall.fpr!) > 2.5 * width(single.overall.fpr!));
    const [gap, narrow] = [drawn, single].map(({ families }) => families[0]!.figures.fprGap.estimate!);
    assert.ok(width(gap!) > 2 * width(narrow!));
  });

  it('have the truth in them where intervals of single images do not', () => {
    const covered = { persons: 0, images: 0 };
    for (let set = 0; set < 30; set++) {
      const { identities, ...images } = correlated(100 + set);
      covered.persons += Number(has(report({ ...images, identities }, set).families[0]!.groups[0]!.fpr!, 0.3));
      covered.images += Number(has(report(images, set).families[0]!.groups[0]!.fpr!, 0.3));
    }
    assert.ok(covered.persons >= 25 && covered.images <= 20, JSON.stringify(covered));
  });

  it('are the same as without identities where every image shows another person', () => {
    const { identities, ...images } = draw({ rates: [0.2, 0.4], persons: 40 }, createRandom(2));
    const some = identities.map((identity, i) => (i % 3 === 0 ? undefined : identity));
    assert.deepEqual(report({ ...images, identities }), report(images));
    assert.deepEqual(report({ ...images, identities: some }), report(images));
  });

  it('say so, and where the persons are few', () => {
    const { identities, ...images } = draw({ rates: [0.3, 0.5], persons: 6, photos: 10 }, createRandom(4));
    const drawn = report({ ...images, identities });
    assert.equal(drawn.bootstrap.drawn, 'persons');
    assert.deepEqual(drawn.families[0]!.groups[0]!.persons, { real: 6, fake: 0 });
    const notes = drawn.notes.join('\n');
    assert.match(notes, /^Intervals draw whole persons, as images of one person are alike: 120 images show 12 persons in real ones; an image/m);
    assert.match(notes, /^race: intervals are too narrow for groups .* fewer than 10 persons: group 0 \(6\); group 1 \(6\)\.$/m);
    const single = report(images);
    assert.equal(single.bootstrap.drawn, 'images');
    assert.doesNotMatch(single.notes.join('\n'), /persons/);
  });

  it('never lack a class, however few persons there are', () => {
    const { demographics } = draw({ rates: [0.5], persons: 4, photos: 2 }, createRandom(5));
    const labels = [0, 1, 0, 0, 1, 1, 0, 1];
    const scores = [0.1, 0.7, 0.6, 0.2, 0.9, 0.4, 0.3, 0.8];
    const identities = ['both', 'both', 'real', 'real', 'fake', 'fake', undefined, undefined];
    const [group] = report({ scores, labels, demographics, identities }).families[0]!.groups;
    assert.deepEqual(group!.persons, { real: 3, fake: 3 });
    for (const rate of [group!.fpr!, group!.tpr!, group!.auc!, group!.accuracy!]) assert.ok(has(rate, rate.value) && Number.isFinite(width(rate)));
  });
});
