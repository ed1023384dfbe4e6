/**
 * What ts/fairness/README.md says of the disentangled detector on faces256, from random weights at small scale.
 * DEEPCODE_REPORT names a file for the figures, DEEPCODE_EXPERIMENTS a folder where runs are kept and continued,
 * DEEPCODE_EPOCHS the length of a run, DEEPCODE_SEEDS how many compare the losses on unfair data.
 */
import assert from 'node:assert/strict';
import { mkdtempSync } from 'node:fs';
import { cp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openDataset } from '../../ts/data/datasets/open-dataset.js';
import { Detector } from '../../ts/detect/detector.js';
import { evaluateDetector, type DetectorEvaluation } from '../../ts/detect/evaluate.js';
import type { FairTrainOptions } from '../../ts/fairness/train/options.js';
import { evaluateScores } from '../../ts/metrics/index.js';
import { scatterPlot, type ScatterGroup } from '../../ts/plots/index.js';
import { writeSafetensors } from '../../ts/weights/safetensors.js';
import {
  continuedTrial,
  experimentsFolder,
  labelledFaces,
  reportLine,
  rounded,
  shippedTrial,
  trial,
  writeExchangedLabels,
  writeOneMethod,
  writeUnfairFaces,
  type Figures,
  type Trial,
} from '../support/fair-experiment.js';
import { floatsOf, readSafetensors } from '../support/read-safetensors.js';

const EPOCHS = Number(process.env['DEEPCODE_EPOCHS'] ?? 20);
/** Enough to see which way a run goes, at half the cost of sharpness-aware steps. */
const SHORT: FairTrainOptions = { epochs: Math.ceil(0.2 * EPOCHS), samRho: 0 };
const SEEDS = [0, 1, 2];
/**
 * From a trained detector, to where both sides of a comparison have settled. The common head's loss knows no groups, and
 * at its full weight undoes what the fairness loss does.
 */
const SETTLED: FairTrainOptions = { epochs: Math.ceil(0.5 * EPOCHS), samRho: 0, schedule: 'cosine', weightCommon: 0.1 };
const MORE_SEEDS = Array.from({ length: Number(process.env['DEEPCODE_SEEDS'] ?? 5) }, (_, i) => i);

describe('the disentangled detector on faces256', () => {
  const folder = experimentsFolder(mkdtempSync(join(tmpdir(), 'deepcode-fair-')));
  const runOf = (name: string): string => join(folder, 'runs', name);
  let faces: string | undefined;
  before(async function () {
    faces = await labelledFaces(folder);
    if (faces === undefined) this.skip();
  });

  async function run(name: string, options: FairTrainOptions = {}, table = faces!): Promise<Trial> {
    const result = await trial(table, runOf(name), { epochs: EPOCHS, ...options });
    reportLine({ experiment: name, ...rounded(result) });
    return result;
  }

  for (const seed of SEEDS) {
    it(`learns from random weights: seed ${seed}`, async () => {
      const { auc } = await run(`learns-${seed}`, { seed });
      assert.ok(auc > 0.7, `AUC ${auc}`);
    });
  }

  describe('what may turn the order of scores round', () => {
    async function scoreTest(model: string): Promise<DetectorEvaluation> {
      const detector = await Detector.load(model, { device: 'cpu' });
      const { samples } = await openDataset(faces!, { split: 'test' });
      return evaluateDetector(detector, samples).finally(() => detector.dispose());
    }

    it('labels of the test that mean the opposite do', async () => {
      const { images, report } = await scoreTest(runOf('learns-0'));
      const labels = images.labels.map((label) => 1 - label);
      const { auc, tpr, fpr, accuracy } = evaluateScores({ ...images, labels, threshold: report.threshold });
      reportLine({ experiment: 'test labels exchanged', ...rounded({ auc, tpr, fpr, accuracy }) });
      assert.ok(Math.abs(auc! + report.auc! - 1) < 1e-9 && auc! < 0.3);
    });

    it('labels of the training images that mean the opposite do', async () => {
      const exchanged = await writeExchangedLabels(faces!, join(folder, 'exchanged'));
      const { auc } = await run('training-labels-exchanged', SHORT, exchanged);
      assert.ok(auc < 0.4, `AUC ${auc}`);
    });

    /** A folder with the trained weights of seed 0 beside running statistics of another kind. */
    async function withStatistics(name: string, statistics: (key: string, data: Float32Array) => Float32Array): Promise<string> {
      const model = join(folder, 'runs', name);
      await cp(join(runOf('learns-0'), 'model'), model, { recursive: true });
      const stored = readSafetensors(join(model, 'model.safetensors'));
      const tensors = [...stored].map(([key, { shape }]) => {
        const data = floatsOf(stored, key);
        const replaced = /running_(mean|var)$/.test(key) ? statistics(key, data) : data;
        return [key, { dtype: 'F32' as const, shape, data: replaced }] as const;
      });
      await writeSafetensors(join(model, 'model.safetensors'), Object.fromEntries(tensors));
      return model;
    }

    async function scoreWithStatistics(name: string, model: string): Promise<void> {
      const { auc, tpr, fpr, accuracy } = (await scoreTest(model)).report;
      reportLine({ experiment: name, ...rounded({ auc, tpr, fpr, accuracy }) });
    }

    it('running statistics that were never updated make it a coin, not its opposite', async () => {
      const model = await withStatistics('no-statistics', (key, data) => data.fill(key.endsWith('running_var') ? 1 : 0));
      await scoreWithStatistics('running statistics never updated', model);
    });

    describe('batch norms that stay as they were before training', () => {
      const start = join(runOf('untrained'), 'model-last');
      before(async () => {
        await run('untrained', { epochs: 1, samRho: 0, learningRate: 0 });
      });

      it('in evaluation alone, as where sharpness-aware steps leave them switched off, do not', async () => {
        const before = readSafetensors(join(start, 'model.safetensors'));
        const model = await withStatistics('stale-statistics', (key) => floatsOf(before, key));
        await scoreWithStatistics('running statistics of before training', model);
      });

      it('in training too do not', async () => {
        const { auc } = await run('norms-frozen', { ...SHORT, norms: 'frozen', model: start });
        assert.ok(auc > 0.4, `AUC ${auc}`);
      });
    });

    const SUSPECTS: Record<string, FairTrainOptions> = {
      'the recipe in short': {},
      "the paper's learning rate": { learningRate: 5e-4 },
      'without the losses that need pairs': { weightContrastive: 0, weightReconstruction: 0 },
      'the smoothed fairness loss': { fairnessForm: 'smoothed' },
    };
    for (const [what, options] of Object.entries(SUSPECTS)) {
      it(`${what} does not`, async () => {
        const { auc } = await run(what.replaceAll(/\W+/g, '-'), { ...SHORT, ...options });
        assert.ok(auc > 0.4, `AUC ${auc}`);
      });
    }

    it('fakes of a single method do not, with or without the specific-forgery branch', async () => {
      const single = await writeOneMethod(faces!, join(folder, 'single'), 'stylegan');
      for (const specific of ['auto', 'on'] as const) {
        const { auc } = await run(`single-method-${specific}`, { ...SHORT, specific }, single);
        assert.ok(auc > 0.4, `AUC ${auc}`);
      }
    });
  });

  describe('with and without the fairness loss, on data that is unfair', () => {
    const LOSSES = {
      'without': { fairness: 'none' },
      'paper': { fairness: 'cvar' },
      'by-class': { fairness: 'cvar', fairnessByClass: true },
    } as const;
    type Loss = keyof typeof LOSSES;
    const TITLES: Record<Loss, string> = { 'without': 'without', 'paper': "the paper's loss", 'by-class': 'the loss by class' };
    const GAPS = ['fprGap', 'maxEqualizedOdds'] as const;

    let unfair: string;
    before(async () => {
      unfair = await writeUnfairFaces(faces!, join(folder, 'unfair-men'));
    });

    const meanOf = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

    /** Standard error of the mean, over seeds. */
    function errorOf(values: readonly number[]): number {
      const mean = meanOf(values);
      return Math.sqrt(meanOf(values.map((value) => (value - mean) ** 2)) / (values.length - 1));
    }

    async function plot(name: string, figures: Readonly<Record<Loss, readonly Figures[]>>): Promise<void> {
      const groups = (Object.keys(LOSSES) as Loss[]).map((loss): ScatterGroup => ({
        name: TITLES[loss],
        points: figures[loss].map(({ auc, fprGap }) => [fprGap!, auc] as const),
      }));
      const panel = { xLabel: 'F_FPR, gap between women and men', yLabel: 'AUC', groups };
      await writeFile(join(folder, `${name}.svg`), scatterPlot({ title: 'Fairness and AUC', panels: [panel] }));
    }

    type TrialOf = (out: string, options: (typeof LOSSES)[Loss] & { seed: number }) => Promise<Figures>;

    /** By class, the gaps fall by more than the seeds differ, and AUC stays; a plot of all seeds and losses is written. */
    async function assertFairer(network: string, trialOf: TrialOf): Promise<void> {
      const figures: Record<Loss, Figures[]> = { 'without': [], 'paper': [], 'by-class': [] };
      for (const seed of MORE_SEEDS) {
        for (const loss of Object.keys(LOSSES) as Loss[]) {
          const name = `${network}-${loss}-${seed}`;
          figures[loss].push(await trialOf(runOf(name), { ...LOSSES[loss], seed }));
          reportLine({ experiment: name, ...rounded(figures[loss].at(-1)!) });
        }
      }
      await plot(`trade-off-${network}`, figures);
      const changesOf = (loss: Loss, figure: 'auc' | (typeof GAPS)[number]): number[] =>
        figures[loss].map((each, i) => each[figure]! - figures.without[i]![figure]!);
      for (const loss of ['paper', 'by-class'] as const) {
        for (const figure of [...GAPS, 'auc'] as const) {
          const changes = changesOf(loss, figure);
          reportLine({ experiment: `${network}, ${loss}: ${figure}`, ...rounded({ change: meanOf(changes), error: errorOf(changes) }) });
        }
      }
      for (const gap of GAPS) {
        const changes = changesOf('by-class', gap);
        assert.ok(meanOf(changes) < -2 * errorOf(changes), `${gap} changes by ${meanOf(changes)} +- ${errorOf(changes)}`);
      }
      const change = meanOf(changesOf('by-class', 'auc'));
      assert.ok(Math.abs(change) <= 0.02, `AUC changes by ${change}`);
    }

    it('the detector that ships is fairer with it by class, and as good', () =>
      assertFairer('shipped', (out, options) => shippedTrial(unfair, out, options)));

    it('the disentangled detector is fairer with it by class, and as good', () => {
      const model = join(runOf('learns-0'), 'model');
      return assertFairer('continued', (out, options) => continuedTrial(unfair, out, { ...SETTLED, ...options, model }));
    });
  });
});
