import assert from 'node:assert/strict';
import { statedAll } from '../../../ts/data/demographics/demographics.js';
import type { Demographics } from '../../../ts/data/index.js';
import {
  datasetNotes,
  fairnessCharts,
  fairnessFigures,
  fairnessHtml,
  fairnessMarkdown,
  fairnessReport,
  groupRates,
  pooledCounts,
  type FairnessInput,
  type FairnessOptions,
  type FairnessReport,
} from '../../../ts/fairness/index.js';
import { DeepcodeError } from '../../../ts/errors.js';
import { fairnessReportAsync } from '../../../ts/fairness/report/build.js';
import { thresholdText } from '../../../ts/fairness/report/tables.js';
import { FIGURES_READING } from '../../../ts/fairness/report/wording.js';
import { parseXml } from '../../support/well-formed-xml.js';

const QUICK = { resamples: 100, minGroup: 4 } as const;

/** `count` persons of each gender and race; `score` of the image by its number and class. */
function population(options: { count?: number; classes?: readonly (0 | 1)[]; races?: readonly string[] } = {}): FairnessInput {
  const { count = 8, classes = [0, 1], races = ['asian', 'white'] } = options;
  const input = { scores: [] as number[], labels: [] as number[], demographics: [] as Demographics[] };
  for (const gender of ['female', 'male']) {
    for (const race of races) {
      for (let i = 0; i < count; i++) {
        const label = classes[i % classes.length]!;
        input.labels.push(label);
        input.scores.push(((i * 37 + gender.length * 11 + race.length * 5) % 90) / 100 + 0.1 * label);
        input.demographics.push(statedAll({ gender, race, age: String(10 * i) }));
      }
    }
  }
  return input;
}

const report = (input: FairnessInput, options: FairnessOptions = {}): FairnessReport => fairnessReport(input, { ...QUICK, ...options });
const noted = ({ notes }: FairnessReport, pattern: RegExp): void =>
  assert.ok(notes.some((note) => pattern.test(note)), `${String(pattern)} is not in\n${notes.join('\n')}`);

describe('fairnessFigures', () => {
  const rates = (tp: number, fp: number, tn: number, fn: number): ReturnType<typeof groupRates> =>
    groupRates({ truePositives: tp, falsePositives: fp, trueNegatives: tn, falseNegatives: fn }, null);

  it('gives both readings of F_FPR, which differ', () => {
    const counts = [[8, 1, 9, 2], [6, 3, 7, 4], [9, 2, 8, 1]] as const;
    const groups = counts.map(([tp, fp, tn, fn]) => rates(tp, fp, tn, fn));
    const overall = groupRates(
      pooledCounts(counts.map(([tp, fp, tn, fn]) => ({ truePositives: tp, falsePositives: fp, trueNegatives: tn, falseNegatives: fn }))),
      null,
    );
    const figures = fairnessFigures(groups, overall, 1);
    const close = (name: keyof typeof figures, expected: number): void => assert.ok(Math.abs(figures[name]! - expected) < 1e-12, `${name}: ${figures[name]}`);
    close('fprGap', 0.2);
    close('fprSum', 0.1 + 0.1 + 0);
    close('tprGap', 0.3);
    close('maxEqualizedOdds', 0.3);
    close('demographicParity', 0.55 - 0.45);
    close('accuracyEquality', 0.85 - 0.65);
    close('equalizedOddsSum', 0.2 + 1 / 30 + 5 / 30 + 4 / 30);
    assert.equal(figures.aucGap, null);
  });

  it('leaves out groups that are too small, figure by figure', () => {
    const groups = [rates(5, 1, 4, 5), rates(5, 2, 3, 5), rates(1, 5, 0, 0)];
    const overall = rates(11, 8, 7, 10);
    assert.ok(Math.abs(fairnessFigures(groups, overall, 5).fprGap! - 0.8) < 1e-12);
    assert.ok(Math.abs(fairnessFigures(groups, overall, 5).tprGap!) < 1e-12);
    assert.equal(fairnessFigures(groups, overall, 1).tprGap, 0.5);
    assert.equal(fairnessFigures(groups, overall, 6).fprGap, null);
  });
});

describe('fairnessReport', () => {
  it('reports every attribute that the data has, then their intersection', () => {
    const { families, count, real, fake } = report(population());
    assert.deepEqual(families.map(({ name }) => name), ['gender', 'race', 'age', 'gender x race x age']);
    assert.deepEqual([count, real, fake], [32, 16, 16]);
    assert.deepEqual(report(population(), { groups: 'race' }).families.map(({ name }) => name), ['race']);
    assert.deepEqual(report(population(), { groups: 'race,gender' }).families[2]!.groups.map(({ group }) => group), [
      'asian, female', 'asian, male', 'white, female', 'white, male',
    ]);
  });

  it('is the same for the same seed, and a group does not depend on what else is reported', () => {
    const one = report(population());
    assert.deepEqual(report(population()), one);
    assert.notDeepEqual(report(population(), { seed: 1 }).families[0], one.families[0]);
    assert.deepEqual(report(population(), { groups: 'race' }).families[0], one.families[1]);
  });

  it('says what cannot be computed on real photos alone', () => {
    const reals = report(population({ classes: [0] }), { groups: 'gender,race' });
    noted(reals, /^There are no fake images: AUC, TPR and the figures made of them \(F_MEO, F_EO/);
    const [gender] = reals.families;
    assert.deepEqual([gender!.groups[0]!.auc, gender!.groups[0]!.tpr], [null, null]);
    for (const name of ['maxEqualizedOdds', 'equalizedOddsSum', 'tprGap', 'aucGap'] as const) {
      assert.deepEqual([gender!.figures[name].estimate, gender!.figures[name].reason], [null, 'there are no fake images']);
    }
    assert.ok(gender!.figures.fprGap.estimate !== null);
    assert.equal(gender!.figures.demographicParity.estimate!.value, gender!.figures.fprGap.estimate.value);
    noted(report(population({ classes: [1] })), /^There are no real images: AUC, FPR/);
  });

  it('names groups that are too small, empty or unknown', () => {
    const input = population({ races: ['asian', 'white'] });
    const extra = { scores: [0.5, 0.5, 0.5], labels: [0, 1, 1], demographics: [statedAll({ gender: 'male', race: 'black' }), statedAll({ gender: 'male', race: 'black' }), {}] };
    const merged = {
      scores: [...Array.from(input.scores), ...extra.scores],
      labels: [...Array.from(input.labels), ...extra.labels],
      demographics: [...input.demographics, ...extra.demographics],
    };
    const made = report(merged, { groups: 'gender,race', minGroup: 4 });
    noted(made, /^race: too small to judge by accuracy, .*black \(2\)/);
    noted(made, /^race: too small to judge by AUC and TPR and FPR, with fewer than 4 images to make it of: black \(1\)\.$/);
    noted(made, /^gender x race: no images of female, black\.$/);
    noted(made, /^gender: 1 of 35 images belong to no group, for want of their gender\.$/);
    const race = made.families[1]!;
    assert.deepEqual(race.figures.fprGap.leftOut, ['black']);
    assert.deepEqual(race.groups.map(({ group, tooSmallFor }) => [group, tooSmallFor.length]), [['asian', 0], ['black', 4], ['white', 0]]);
  });

  it('says when an attribute was predicted', () => {
    const input = population();
    const demographics = input.demographics.map((person, i) => (i < 5 ? { ...person, race: { ...person.race!, predicted: true, confidence: 0.8 } } : person));
    noted(report({ ...input, demographics }, { groups: 'race' }), /^race: predicted by a network, not stated, for 5 of 32 images \(mean confidence 0\.80\)\.$/);
  });

  it('warns of thresholds read off the same images, and of rates without an interval', () => {
    noted(report(population(), { threshold: 'fpr:0.1' }), /^The threshold was chosen on these very images/);
    const own = report(population(), { threshold: 'group-fpr:0.25', groups: 'gender' });
    noted(own, /^Thresholds were chosen/);
    for (const { fpr } of own.families[0]!.groups) assert.ok(fpr!.value <= 0.25);
    noted(report(population(), { threshold: '1', groups: 'gender' }), /exactly 0 or 1 has no bootstrap interval.*FPR of female/);
  });

  it('uses the common threshold where a group lacks the class for its own, and says so', () => {
    const input = population();
    const labels = Array.from(input.labels, (label, i) => (input.demographics[i]!.gender!.value === 'male' ? 1 : label));
    const made = report({ ...input, labels, threshold: 0.3 }, { threshold: 'group-youden', groups: 'gender' });
    noted(made, /^gender: for want of the images that a threshold of their own is read from, .* all images, \d\.\d{3}: male\.$/);
    assert.equal(made.families[0]!.groups[1]!.threshold, made.overall.threshold);
    assert.deepEqual([made.threshold.applied, made.families[0]!.withoutOwnThreshold], ['rule', ['male']]);
  });

  for (const [rule, label, words] of [
    ['fpr:0.05', 1, 'the same for all, at an overall FPR of at most 0.05: there are no real images'],
    ['group-fpr:0.05', 1, 'one a group, at an FPR of at most 0.05 in each: there are no real images'],
    ['group-youden', 0, 'one a group, where TPR - FPR is largest: there are no fake images'],
  ] as const) {
    it(`says that ${rule} was not followed where the class it needs is missing`, () => {
      const made = report({ ...population({ classes: [label] }), threshold: 0.414 }, { threshold: rule, groups: 'gender' });
      const groups = [made.overall, ...made.families[0]!.groups];
      assert.deepEqual(groups.map(({ threshold }) => threshold), [0.414, 0.414, 0.414]);
      assert.equal(thresholdText(made), `the model's own, 0.414, and not ${words}`);
      noted(made, /^No threshold could be chosen, as there are no (real|fake) images: the model's own, 0\.414, is used\.$/);
      assert.ok(!made.notes.some((note) => /chosen on these very images|for want of the images that a threshold/.test(note)), made.notes.join('\n'));
    });
  }

  it('says so where every group has the common threshold for want of its own', () => {
    const input = population();
    const labels = input.demographics.map(({ gender }) => (gender!.value === 'male' ? 1 : 0));
    const made = report({ ...input, labels, threshold: 0.414 }, { threshold: 'group-youden', groups: 'gender' });
    assert.match(thresholdText(made), /^one for all, \d\.\d{3}, and not one a group, where TPR - FPR is largest: no group has the images for its own/);
    assert.notEqual(made.overall.threshold, 0.414);
    noted(made, /^The threshold was chosen on these very images/);
  });

  it('warns of an AUC of exactly 1, whose interval has no width', () => {
    const input = population();
    const scores = Array.from(input.labels, (label, i) => 0.5 * label + 0.01 * (i % 40));
    const made = report({ ...input, scores }, { groups: 'gender' });
    assert.deepEqual(made.families[0]!.groups[0]!.auc, { value: 1, lower: 1, upper: 1 });
    noted(made, /^gender: a rate or AUC of exactly 0 or 1 has no bootstrap interval.*AUC of female/);
  });

  it('says what F_DP owes to shares of fakes that differ', () => {
    const shares = (made: FairnessReport): string[] => made.notes.filter((note) => note.includes('the share of fakes'));
    const input = population();
    assert.deepEqual(shares(report(input)).filter((note) => /^gender:/.test(note)), []);
    const labels = input.demographics.map(({ gender }, i) => Number(i % 8 < (gender!.value === 'male' ? 6 : 2)));
    const made = report({ ...input, labels, scores: labels }, { groups: 'gender', threshold: '0.5' });
    assert.deepEqual(shares(made), [
      'gender: the share of fakes is from 0.25 (female) to 0.75 (male): even without a single error F_DP would be 0.50, and F_OAE depends on it, too.',
    ]);
    assert.equal(made.families[0]!.figures.demographicParity.estimate!.value, 0.5);
  });

  it('keeps notes on the data', () => {
    noted(fairnessReport({ ...population(), notes: ['3 rows are odd.'] }, QUICK), /^3 rows are odd\.$/);
  });

  it('refuses attributes that nothing is known of', () => {
    const input = population();
    const fails = (pattern: RegExp, given: FairnessInput, options: FairnessOptions = {}): void =>
      assert.throws(() => report(given, options), (error: unknown) => error instanceof DeepcodeError && error.code === 'ERR_DATASET' && pattern.test(error.message));
    fails(/does not say the skin-tone of anyone, only gender, race, age/, input, { groups: 'gender,skin-tone' });
    const nobody = { ...input, demographics: input.demographics.map(() => ({})) };
    fails(/no column such as gender, race or age/, { ...nobody, notes: ['3 rows are odd.'] });
    const notes = ['3 rows are odd.', ...datasetNotes({ samples: [], skipped: [], notes: [{ what: 'age is no number', count: 2, first: 'row 7' }] })];
    fails(/^Nothing is known of who is shown\. .*: 2 rows \(first row 7\): age is no number; what cannot/, { ...nobody, notes });
    fails(/only gender, race, age\. .*: 2 rows \(first row 7\)/, { ...input, notes }, { groups: 'skin-tone' });
  });

  it('refuses wrong input and options', () => {
    const input = population();
    for (const options of [{ groups: 'gender,gender' }, { groups: 'height' }, { groups: '' }, { ageBins: '30,18' }, { ageBins: '' }, { ageBins: '0,10' }, { threshold: 'x' }]) {
      assert.throws(() => report(input, options), TypeError, JSON.stringify(options));
    }
    for (const options of [{ minGroup: 0 }, { resamples: 99 }, { confidence: 1 }]) assert.throws(() => report(input, options), RangeError);
    assert.throws(() => report({ ...input, threshold: 1.1 }), RangeError);
    assert.throws(() => report({ ...input, demographics: [] }), { code: 'ERR_SHAPE' });
    assert.throws(() => report({ ...input, identities: ['anna'] }), { code: 'ERR_SHAPE', message: /32 scores and 1 identities/ });
    assert.throws(() => report({ ...input, identities: [7, ...input.labels as number[]] as never }), { name: 'TypeError', message: /identities\[0\]/ });
    assert.throws(() => report({ scores: [NaN], labels: [0], demographics: [{}] }), { code: 'ERR_NONFINITE' });
    assert.throws(() => report({ scores: [], labels: [], demographics: [] }), { code: 'ERR_SHAPE' });
  });
});

describe('fairnessReportAsync', () => {
  it('is the same report, with turns for others between groups', async () => {
    let turns = 0;
    const counter = setInterval(() => turns++, 0);
    const made = await fairnessReportAsync(population(), QUICK).finally(() => clearInterval(counter));
    assert.deepEqual(made, report(population()));
    assert.ok(turns > 0);
  });

  it('stops when it is told to', async () => {
    const controller = new AbortController();
    const running = fairnessReportAsync(population(), { ...QUICK, signal: controller.signal });
    controller.abort(new Error('enough'));
    await assert.rejects(running, { name: 'AbortError', code: 'ABORT_ERR' });
    await assert.rejects(fairnessReportAsync(population(), { ...QUICK, groups: 'height' }), TypeError);
  });
});

describe('the documents of a report', () => {
  const NASTY = `<script>alert("x")</script> & 'y' | \u0007 *b*`;
  const nasty = (): FairnessReport => {
    const input = population({ races: [NASTY, 'white'] });
    return fairnessReport({ ...input, model: NASTY, data: NASTY, notes: [NASTY] }, { ...QUICK, groups: 'gender,race' });
  };

  it('are charts and a page of well-formed XML with nothing from outside', () => {
    const made = nasty();
    const charts = fairnessCharts(made);
    // The figures; FPR, TPR and AUC of gender, race and both.
    assert.equal(charts.length, 1 + 3 * 3);
    charts.forEach(parseXml);
    const html = fairnessHtml(made);
    assert.match(html, /^<!DOCTYPE html>\n<html lang="en">/);
    const elements = parseXml(html.slice(html.indexOf('\n') + 1));
    const names = new Set(elements.map(({ name }) => name));
    for (const active of ['script', 'link', 'img', 'iframe', 'object', 'image', 'use', 'a']) assert.ok(!names.has(active), active);
    for (const { attributes } of elements) {
      for (const [name, value] of Object.entries(attributes)) {
        assert.ok(!/^(on|href|src|xlink)/i.test(name), name);
        if (name !== 'xmlns') assert.doesNotMatch(value, /url\(|https?:/i);
      }
    }
    const policy = elements.find(({ attributes }) => attributes['http-equiv'] === 'Content-Security-Policy');
    assert.equal(policy!.attributes['content'], "default-src 'none'; style-src 'unsafe-inline'");
    assert.equal(elements.filter(({ name }) => name === 'svg').length, charts.length);
    assert.ok(parseXml(charts[0]!).some(({ text }) => text === FIGURES_READING));
    for (const note of made.notes.filter((each) => each !== NASTY)) assert.ok(elements.some(({ text }) => text === note.replace('\u0007', '\ufffd')), note);
  });

  it('leave out charts of rates that there are none of', () => {
    const reals = report(population({ classes: [0] }), { groups: 'gender' });
    const titles = fairnessCharts(reals).map((svg) => parseXml(svg).find(({ name }) => name === 'title')!.text);
    assert.deepEqual(titles, ['Fairness figures', 'False positive rate by gender']);
  });

  it('are Markdown that names from files cannot break', () => {
    const text = fairnessMarkdown(nasty());
    assert.doesNotMatch(text, /<script|[\u0007]/);
    const tables = text.split('\n').filter((line) => line.startsWith('|'));
    const widths = tables.map((line) => line.replace(/\\./g, '').split('|').length);
    // Eight columns of groups, four of figures, and what stands outside the outer bars.
    assert.deepEqual(new Set(widths), new Set([10, 6]));
    for (const heading of ['# Fairness report', '## All images', '## Figures', '## gender', '## gender x race', '## Notes']) {
      assert.ok(text.includes(`${heading}\n`), heading);
    }
    assert.match(text, /F\\_FPR \(gap\): largest minus smallest FPR/);
    assert.ok(text.includes(`0 is fair. ${FIGURES_READING}\n`));
  });
});
