/** Training of a ViT detector, as a session runs it. */
import { augmentationPolicy } from '../../data/augmentation.js';
import { ImageLoader } from '../../data/loader.js';
import { parsePseudoFakeKinds } from '../../data/pseudo-fakes.js';
import { DeepcodeError } from '../../errors.js';
import type { BadImages } from './bad-images.js';
import type { BatchItem, BatchSource } from './batch-source.js';
import type { TrainingData, TrainingSample } from './data.js';
import type { DetectorContext } from './describe-detector.js';
import { exportKind } from './finish-run.js';
import type { OpenedTrainer, TrainingJob } from './job.js';
import { describeTrainer, openTrainer, type WhiteningTrainer } from './open-trainer.js';
import type { ResolvedTrainOptions } from './options.js';
import { TrainingPlan } from './plan.js';
import type { RunSetup } from './setup.js';
import type { Trainer } from './trainer.js';

/** Terms that were not stated are named as such: weights inherit what their data allows. */
export function weightsTerms(given: string | undefined, data: Pick<TrainingData, 'sets'>): string {
  if (given !== undefined) return given;
  const names = data.sets.map(({ name }) => name).join(', ');
  return `Not stated. Trained on ${names}; check the terms of these data sets and of the base model before use.`;
}

/** Options that say how the weights came about. */
const REPORTED = [
  'train',
  'init',
  'loss',
  'fairness',
  'fairnessGroups',
  'fairnessByClass',
  'epochs',
  'batchSize',
  'accumulate',
  'optimizer',
  'learningRate',
  'schedule',
  'weightDecay',
  'samRho',
  'augment',
  'cutmix',
  'balance',
  'pseudoFakes',
  'seed',
] as const satisfies readonly (keyof ResolvedTrainOptions)[];

function lossOfCenter(options: ResolvedTrainOptions): DetectorContext['scl'] {
  if (options.loss !== 'scl') return null;
  const {
    sclWeight: weight,
    sclMargin: margin,
    sclDistance: distance,
    sclScaledMargin: scaledMargin,
  } = options;
  return { weight, margin, distance, scaledMargin };
}

function detectorContext(setup: RunSetup, trainer: Trainer, plan: TrainingPlan): DetectorContext {
  const { options, preprocessing, data, base, baseName } = setup;
  return {
    options,
    scl: lossOfCenter(options),
    head: options.head === 'frozen-imagenet' ? 'frozen-imagenet' : 'new',
    training: Object.fromEntries(REPORTED.map((name) => [name, options[name]])),
    preprocessing,
    tta: options.tta,
    base: baseName,
    data: data.sets,
    weightsTerms: weightsTerms(options.weightsTerms, data),
    baseDigest: base.digest,
    trainedParameters: trainer.parameterCount.trained,
    trainImages: plan.drawn.length,
  };
}

function emptyClass(name: 'real' | 'fake', count: number): DeepcodeError {
  const advice = 'Raise --train-samples or pass --balance sample.';
  return new DeepcodeError('ERR_DATASET', `None of the ${count} training images drawn is ${name}, so --balance loss cannot weigh it. ${advice}`);
}

/**
 * Inverse to a class's share, so that both weigh the same; 1 for equal classes. Where every epoch draws anew, the
 * shares are those of all that may be drawn.
 *
 * @throws DeepcodeError ERR_DATASET when a class has no images
 */
function classWeights({ options, data }: RunSetup, drawn: readonly TrainingSample[]): [number, number] {
  const { balance, pseudoFakes, redraw } = options;
  if (balance !== 'loss') return [1, 1];
  const shown = redraw ? data.pool : drawn;
  const fake = shown.reduce((sum, { label }) => sum + (label === 1 ? 1 : pseudoFakes), 0);
  const real = shown.length - fake;
  if (real === 0 || fake === 0) throw emptyClass(real === 0 ? 'real' : 'fake', shown.length);
  return [shown.length / (2 * real), shown.length / (2 * fake)];
}

function makeSource({ options, preprocessing }: RunSetup): BatchSource {
  const { cacheMegabytes, augment, pseudoFakeKinds } = options;
  const loader = new ImageLoader<BatchItem>({
    preprocessing,
    augmentation: augmentationPolicy(augment),
    pseudoFakeKinds: parsePseudoFakeKinds(pseudoFakeKinds),
    cacheMegabytes,
  });
  return (batches, signal) => loader.batches(batches, signal);
}

/** Their patches are more than enough for a covariance. */
const WHITENED_IMAGES = 256;


interface WhiteningParts {
  trainer: WhiteningTrainer;
  plan: TrainingPlan;
  source: BatchSource;
  badImages: BadImages;
  signal: AbortSignal | undefined;
}

/** From images as they are, without augmentation, that are spread over the drawn ones. */
async function whiten({ trainer, plan, source, badImages, signal }: WhiteningParts): Promise<void> {
  const { drawn } = plan;
  const every = Math.max(1, Math.floor(drawn.length / WHITENED_IMAGES));
  const items = drawn
    .filter((_, i) => i % every === 0)
    .slice(0, WHITENED_IMAGES)
    .map((sample) => ({ ...sample, augmentSeed: null }));
  for await (const batch of source([items], signal)) {
    badImages.report(batch);
    if (batch.count > 0) await trainer.whitenPatches(batch.images, batch.count);
  }
}

export function vitJob(setup: RunSetup): TrainingJob {
  const { options, data } = setup;
  const plan = new TrainingPlan(data.pool, options);
  const source = makeSource(setup);
  const open = async (signal?: AbortSignal): Promise<OpenedTrainer> => {
    const trainer = await openTrainer({ ...setup, classWeights: classWeights(setup, plan.drawn) }, signal);
    const prepare = (badImages: BadImages): Promise<void> => whiten({ trainer, plan, source, badImages, signal });
    return {
      trainer,
      description: describeTrainer(trainer, setup),
      ...(options.init === 'whitened' && { prepare }),
    };
  };
  return {
    settings: options,
    plan,
    source,
    validation: data.validation,
    kind: exportKind(options),
    open,
    context: (trainer) => detectorContext(setup, trainer, plan),
  };
}
