/** Small runs of the disentangled detector on faces256, with groups that the attribute networks predicted. */
import { appendFileSync, existsSync } from 'node:fs';
import { copyFile, mkdir, writeFile } from 'node:fs/promises';
import { dirname, join, relative, resolve } from 'node:path';
import sharp from 'sharp';
import { FaceAnalyzer } from '../../ts/attributes/face-analyzer.js';
import { openDataset } from '../../ts/data/datasets/open-dataset.js';
import type { DatasetSample } from '../../ts/data/datasets/dataset.js';
import type { TrainingSample } from '../../ts/detect/train/data.js';
import type { TrainOptions } from '../../ts/detect/train/options.js';
import { train } from '../../ts/detect/train/train.js';
import { Detector } from '../../ts/detect/detector.js';
import { evaluateDetector } from '../../ts/detect/evaluate.js';
import type { BestState } from '../../ts/detect/train/hooks.js';
import { fairnessReport } from '../../ts/fairness/report/build.js';
import { labelPeople } from '../../ts/fairness/label.js';
import { peopleTable } from '../../ts/fairness/people-table.js';
import type { FairTrainOptions } from '../../ts/fairness/train/options.js';
import { trainFairDetector } from '../../ts/fairness/train/train.js';
import { evaluateScores, fakeProbabilities } from '../../ts/metrics/index.js';
import { pulledModels } from './face-networks.js';
import { sharedPath } from './shared.js';

/** The paper's recipe, but small, from random weights, with batches of 16 and a learning rate that fits them. */
export const SMALL: FairTrainOptions = {
  imageSize: 64,
  width: 1 / 8,
  pairs: 8,
  learningRate: 0.02,
  fairnessGroups: 'gender',
  checkpointMinutes: 0,
};

/** Work of an earlier run that may be used again: DEEPCODE_EXPERIMENTS names a folder. */
export const experimentsFolder = (fallback: string): string => process.env['DEEPCODE_EXPERIMENTS'] ?? fallback;

/** One JSON line to the file that DEEPCODE_REPORT names, and to the console. */
export function reportLine(line: Readonly<Record<string, unknown>>): void {
  const text = JSON.stringify(line);
  console.log(`      ${text}`);
  const path = process.env['DEEPCODE_REPORT'];
  if (path !== undefined) appendFileSync(path, `${text}\n`);
}

/** faces256 with predicted gender, race and age, as a table; undefined where the data or the networks are absent. */
export async function labelledFaces(folder: string): Promise<string | undefined> {
  const table = join(folder, 'faces.csv');
  if (existsSync(table)) return table;
  const [data, models] = [sharedPath('data/faces256'), pulledModels()];
  if (data === undefined || models === undefined) return undefined;
  const { samples } = await openDataset(data);
  const analyzer = await FaceAnalyzer.load({ models, device: 'cpu' });
  const people = await labelPeople(analyzer, samples).finally(() => analyzer.dispose());
  await mkdir(folder, { recursive: true });
  await writeFile(table, peopleTable(people, table).map((cells) => `${cells.join(',')}\n`).join(''));
  return table;
}

const CELLS = 'path,label,split,source,gender,gender_predicted,gender_confidence\n';

/** A table of these images. */
export async function writeTable(table: string, samples: readonly DatasetSample[]): Promise<string> {
  const rows = samples.map(({ path, label, split, source, demographics }) => {
    const gender = demographics?.gender;
    const place = relative(dirname(resolve(table)), path);
    return [place, label, split, source, gender?.value ?? '', gender ? 1 : '', gender?.confidence ?? ''].join(',');
  });
  await mkdir(dirname(table), { recursive: true });
  await writeFile(table, `${CELLS}${rows.join('\n')}\n`);
  return table;
}

/** Standard deviation of the blur in pixels of 256: it takes fine detail away and leaves the face. */
const BLUR = 1.5;

/**
 * faces256, made unfair on purpose: men's pictures are blurred, and every second one of their fake training images is left
 * out. The validation images are test images too, as groups of 80 tell little; every ninth training image validates.
 */
export async function writeUnfairFaces(faces: string, folder: string): Promise<string> {
  const table = join(folder, 'unfair.csv');
  if (existsSync(table)) return table;
  const { samples } = await openDataset(faces);
  let [trained, dropped] = [0, 0];
  const splitOf = ({ split }: DatasetSample): DatasetSample['split'] => {
    if (split !== 'train') return 'test';
    return trained++ % 9 === 4 ? 'valid' : 'train';
  };
  const kept: DatasetSample[] = [];
  for (const original of samples) {
    const sample = { ...original, split: splitOf(original) };
    if (sample.demographics?.gender?.value !== 'male') {
      kept.push(sample);
      continue;
    }
    if (sample.label === 1 && sample.split === 'train' && dropped++ % 2 === 0) continue;
    const path = join(folder, 'blurred', `${sample.split}-${sample.label}-${kept.length}.png`);
    await mkdir(dirname(path), { recursive: true });
    await sharp(sample.path).blur(BLUR).png().toFile(path);
    kept.push({ ...sample, path });
  }
  return writeTable(table, kept);
}

/** Real images, and the fakes of one source. */
export async function writeOneMethod(faces: string, folder: string, source: string): Promise<string> {
  const table = join(folder, `${source}.csv`);
  if (existsSync(table)) return table;
  const { samples } = await openDataset(faces);
  return writeTable(table, samples.filter((sample) => sample.label === 0 || sample.source === source));
}

/**
 * The two classes exchanged wherever a run learns from or is chosen by, and not in the test images. Their files are
 * copied, as a label is refused that contradicts a folder real/ or fake/.
 */
export async function writeExchangedLabels(faces: string, folder: string): Promise<string> {
  const table = join(folder, 'exchanged.csv');
  if (existsSync(table)) return table;
  const { samples } = await openDataset(faces);
  await mkdir(join(folder, 'images'), { recursive: true });
  const exchanged: DatasetSample[] = [];
  for (const sample of samples) {
    const path = join(folder, 'images', `${exchanged.length}.jpg`);
    await copyFile(sample.path, path);
    exchanged.push({ ...sample, path, ...(sample.split !== 'test' && { label: sample.label === 0 ? 1 : 0 }) });
  }
  return writeTable(table, exchanged);
}

export interface Figures {
  auc: number;
  accuracy: number;
  tpr: number;
  fpr: number;
  /** Of groups by gender. */
  fprGap: number | null;
  fprSum: number | null;
  maxEqualizedOdds: number | null;
}

export interface Trial extends Figures {
  /** Epoch with the smallest validation loss, of which these figures are. */
  epoch: number;
  validationAuc: number;
  /** Of the last epoch on the test split. */
  lastAuc: number;
}

function toTrainingSample({ path, name, label, demographics }: DatasetSample): TrainingSample {
  return { path, name, label, weight: 1, demographics };
}

type Scored = Parameters<typeof evaluateScores>[0];

function figuresOf(scored: Scored, samples: readonly DatasetSample[], threshold: number): Figures {
  const overall = evaluateScores({ ...scored, threshold });
  const demographics = samples.map((sample) => sample.demographics ?? {});
  const input = { scores: scored.scores, labels: scored.labels, demographics, threshold };
  const { families } = fairnessReport(input, { groups: 'gender', minGroup: 5, resamples: 100 });
  const valueOf = (name: 'fprGap' | 'fprSum' | 'maxEqualizedOdds'): number | null =>
    families[0]!.figures[name].estimate?.value ?? null;
  return {
    auc: overall.auc!,
    accuracy: overall.accuracy,
    tpr: overall.tpr!,
    fpr: overall.fpr!,
    fprGap: valueOf('fprGap'),
    fprSum: valueOf('fprSum'),
    maxEqualizedOdds: valueOf('maxEqualizedOdds'),
  };
}

async function measure(best: BestState, samples: readonly DatasetSample[]): Promise<Omit<Trial, 'lastAuc'>> {
  const { logits, labels } = await best.score(samples.map(toTrainingSample));
  const { temperature, threshold } = best.calibration;
  const scores = fakeProbabilities(logits, temperature);
  const figures = figuresOf({ scores, labels, logits }, samples, threshold);
  return { ...figures, epoch: best.epoch, validationAuc: best.validation.auc! };
}

/** Where a run lies and computes; one that is unfinished goes on. */
const placeOf = (out: string) => ({
  out,
  device: 'cpu',
  threads: Number(process.env['DEEPCODE_THREADS'] ?? 0),
  resume: existsSync(join(out, 'config.json')),
});

/** Trains, and measures the best epoch on the test split. Unfinished runs go on. */
export async function trial(table: string, out: string, options: FairTrainOptions): Promise<Trial> {
  const { samples } = await openDataset(table, { split: 'test' });
  let result: Omit<Trial, 'lastAuc'> | undefined;
  await trainFairDetector(
    { ...SMALL, ...options, data: [table], ...placeOf(out) },
    { onBest: async (best) => void (result = await measure(best, samples)) },
  );
  const last = await Detector.load(join(out, 'model-last'), { device: 'cpu' });
  const { report } = await evaluateDetector(last, samples).finally(() => last.dispose());
  return { ...result!, lastAuc: report.auc! };
}

/** The detector that ships, trained on: it reads detail that a blur takes away. */
const TRAINED_ON: TrainOptions = {
  model: join(__dirname, '..', '..', 'ts', 'detect', 'default-model'),
  train: 'all',
  head: 'keep',
  epochs: 4,
  optimizer: 'adamw',
  weightDecay: 0.05,
  learningRate: 3e-4,
  clipGradNorm: 1,
  schedule: 'cosine',
  warmupSteps: 10,
  augment: 'flip',
  fairnessGroups: 'gender',
  thresholdBy: 'half',
  checkpointMinutes: 0,
};

/**
 * As {@link trial}, of the detector that ships. Measured after the last epoch and at one half, so that nothing is chosen
 * by images that it was trained on before: the validation images of {@link writeUnfairFaces} are such.
 */
export async function shippedTrial(table: string, out: string, options: TrainOptions): Promise<Figures> {
  await train({ ...TRAINED_ON, ...options, data: [table], ...placeOf(out) });
  return measureLast(out, table);
}

/** The same of the disentangled detector, from one that is trained. */
export async function continuedTrial(table: string, out: string, options: FairTrainOptions): Promise<Figures> {
  await trainFairDetector({ ...SMALL, thresholdBy: 'half', ...options, data: [table], ...placeOf(out) });
  return measureLast(out, table);
}

async function measureLast(out: string, table: string): Promise<Figures> {
  const { samples } = await openDataset(table, { split: 'test' });
  const last = await Detector.load(join(out, 'model-last'), { device: 'cpu' });
  const { images } = await evaluateDetector(last, samples).finally(() => last.dispose());
  return figuresOf(images, samples, last.info.threshold);
}

/** Rounded, for reports. */
export function rounded(values: object): Record<string, unknown> {
  const entries = Object.entries(values).map(([name, value]) => [
    name,
    typeof value === 'number' ? Math.round(value * 1000) / 1000 : value,
  ]);
  return Object.fromEntries(entries) as Record<string, unknown>;
}
