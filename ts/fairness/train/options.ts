/** Every option of `deepcode fairness train`; defaults are those of Lin et al. 2024 and their code. */
import { TRAIN_OPTIONS } from '../../detect/train/options.js';
import { choice, integer, real, text, type Given, type Resolved } from '../../options.js';

const { data, dataWeight, resume, trainSamples, valSamples, augment, cacheMegabytes, seed, maxBadImages } =
  TRAIN_OPTIONS;
const { momentum, clipGradNorm, warmupSteps, warmupEpochs, minLearningRate, stepEpochs, stepGamma } =
  TRAIN_OPTIONS;
const { checkpointSteps, checkpointMinutes, saveDtype, thresholdBy, unsureOdds, weightsTerms } = TRAIN_OPTIONS;
const { fairnessAlpha, fairnessInnerAlpha, fairnessForm, fairnessTau1, fairnessTau2, fairnessGroups, fairnessByClass } =
  TRAIN_OPTIONS;

/** The network: native/models/fair_detector.h. */
const NETWORK_OPTIONS = {
  model: text({ placeholder: 'DIR', help: 'folder of a detector or of a run to start from (default: random weights)' }),
  encoders: text({
    placeholder: 'FILE',
    help: "a .safetensors of an Xception, for example ImageNet's, that the three encoders start from",
  }),
  imageSize: integer({
    default: 256,
    min: 64,
    max: 1024,
    help: "side of the network's input in pixels, a multiple of 32",
  }),
  width: real({ default: 1, min: 1 / 32, max: 4, help: 'factor of the number of channels of all layers' }),
  specific: choice({
    choices: ['auto', 'on', 'off'],
    default: 'auto',
    help: 'the branch that tells forgery methods apart; auto: where the data has at least two',
  }),
  norms: choice({
    choices: ['update', 'frozen'],
    default: 'update',
    help: 'batch normalisation by the statistics of each batch, or by those that --model or --encoders brought',
  }),
  headDropout: real({ default: 0.2, min: 0, max: 0.95, help: "dropout of the heads' logits" }),
  decoderDropout: real({ default: 0.3, min: 0, max: 0.95, help: "dropout of the decoder's maps" }),
} as const;

/** The sum that is minimised: native/pipelines/fair_objective.h. */
const LOSS_OPTIONS = {
  fairness: choice({
    choices: ['cvar', 'none'],
    default: 'cvar',
    help: "cvar: the prediction's loss of the worst images of the worst groups; none: its mean over images",
  }),
  fairnessAlpha,
  fairnessInnerAlpha,
  fairnessForm,
  fairnessTau1,
  fairnessTau2,
  fairnessGroups,
  fairnessByClass,
  weightFused: real({ default: 1, min: 0, max: 1000, help: "weight of the prediction's loss" }),
  weightCommon: real({ default: 1, min: 0, max: 1000, help: "weight of the common forgery features' loss" }),
  weightSpecific: real({ default: 0.1, min: 0, max: 1000, help: "weight of the forgery method's loss" }),
  weightDemographic: real({ default: 0.1, min: 0, max: 1000, help: "weight of the group's loss" }),
  weightContrastive: real({ default: 0.05, min: 0, max: 1000, help: 'weight of the contrastive loss' }),
  weightReconstruction: real({ default: 0.3, min: 0, max: 1000, help: 'weight of the reconstruction loss' }),
  contrastiveMargin: real({ default: 3, min: 0, max: 1e6, help: 'margin of the contrastive loss' }),
  ldamMargin: real({ default: 0.5, min: 0, max: 1000, help: "largest margin of the group's loss" }),
  ldamScale: real({ default: 30, min: 1e-3, max: 1000, help: "scale of the group's logits" }),
} as const;

/** How the parameters move. */
const STEP_OPTIONS = {
  epochs: integer({ default: 100, min: 1, max: 100_000, help: 'passes over the pairs' }),
  pairs: integer({ default: 16, min: 1, max: 16384, help: 'real/fake pairs a forward pass' }),
  accumulate: integer({ default: 1, min: 1, max: 4096, help: 'forward passes a step' }),
  optimizer: choice({ choices: ['sgd', 'adam', 'adamw'], default: 'sgd', help: 'optimiser' }),
  learningRate: real({ flag: 'lr', default: 5e-4, min: 0, max: 100, help: 'learning rate' }),
  momentum,
  weightDecay: real({ default: 5e-3, min: 0, max: 100, help: 'weight decay; decoupled for adamw' }),
  samRho: real({
    default: 0.05,
    min: 0,
    max: 100,
    help: 'radius of sharpness-aware minimisation, which takes two passes a step; 0 is none',
  }),
  schedule: choice({
    choices: ['step', 'constant', 'cosine'],
    default: 'step',
    help: 'learning rate over the run; step falls by --step-gamma every --step-epochs, cosine to --min-lr',
  }),
  stepEpochs,
  stepGamma,
  minLearningRate,
  warmupSteps,
  warmupEpochs,
  clipGradNorm,
} as const;

export const FAIR_TRAIN_OPTIONS = {
  data,
  dataWeight,
  out: text({ default: 'runs/fair-detector', placeholder: 'RUN', help: 'folder of the run' }),
  resume,
  ...NETWORK_OPTIONS,
  ...LOSS_OPTIONS,
  trainSamples,
  valSamples,
  augment,
  ...STEP_OPTIONS,
  batchSize: integer({ default: 32, min: 1, max: 65536, help: 'validation images a forward pass' }),
  cacheMegabytes,
  seed,
  maxBadImages,
  checkpointSteps,
  checkpointMinutes,
  saveDtype,
  thresholdBy,
  unsureOdds,
  weightsTerms,
} as const;

export type FairTrainOptions = Given<typeof FAIR_TRAIN_OPTIONS>;
export type ResolvedFairTrainOptions = Resolved<typeof FAIR_TRAIN_OPTIONS>;
