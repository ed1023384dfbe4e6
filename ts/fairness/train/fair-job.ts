/** Training of the disentangled detector, as a session runs it. */
import { augmentationPolicy } from '../../data/augmentation.js';
import { ImageLoader } from '../../data/loader.js';
import type { BatchItem } from '../../detect/train/batch-source.js';
import type { DetectorContext } from '../../detect/train/describe-detector.js';
import type { OpenedTrainer, TrainingJob } from '../../detect/train/job.js';
import { weightsTerms } from '../../detect/train/vit-job.js';
import { fairPreprocessing } from './fair-config.js';
import { describeFairTrainer, openFairTrainer } from './open-fair-trainer.js';
import type { ResolvedFairTrainOptions } from './options.js';
import { PairPlan } from './pair-plan.js';
import type { FairSetup } from './setup.js';

/** Options that say how the weights came about. */
const REPORTED = [
  'fairness',
  'fairnessGroups',
  'fairnessByClass',
  'epochs',
  'pairs',
  'accumulate',
  'optimizer',
  'learningRate',
  'schedule',
  'weightDecay',
  'samRho',
  'norms',
  'augment',
  'seed',
] as const satisfies readonly (keyof ResolvedFairTrainOptions)[];

function contextOf(setup: FairSetup, trainedParameters: number, trainImages: number): DetectorContext {
  const { options, network, groups, methods, data, baseDigest } = setup;
  return {
    options,
    scl: null,
    head: 'new',
    training: {
      network: 'disentangled Xception',
      ...Object.fromEntries(REPORTED.map((name) => [name, options[name]])),
      groups,
      methods,
    },
    preprocessing: fairPreprocessing(network),
    tta: 'none',
    base: null,
    data: data.sets,
    weightsTerms: weightsTerms(options.weightsTerms, data),
    baseDigest,
    trainedParameters,
    trainImages,
  };
}

export function fairJob(setup: FairSetup): TrainingJob {
  const { options, network, data } = setup;
  const plan = new PairPlan(data.pool, options);
  const { interpolation, ...geometry } = fairPreprocessing(network);
  const loader = new ImageLoader<BatchItem>({
    preprocessing: { ...geometry, interpolation },
    augmentation: augmentationPolicy(options.augment),
    cacheMegabytes: options.cacheMegabytes,
  });
  const open = async (signal?: AbortSignal): Promise<OpenedTrainer> => {
    const trainer = await openFairTrainer(setup, signal);
    return { trainer, description: describeFairTrainer(trainer, setup) };
  };
  return {
    settings: options,
    plan,
    source: (batches, signal) => loader.batches(batches, signal),
    validation: data.validation,
    kind: 'model',
    open,
    context: ({ parameterCount }) => contextOf(setup, parameterCount.trained, plan.drawn.length),
  };
}
