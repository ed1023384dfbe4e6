/** Every option of training: flags, help, defaults, ranges and validation are made from this table. */
import { AUGMENTATION_NAMES } from '../../data/augmentation.js';
import { PSEUDO_FAKE_KINDS } from '../../data/pseudo-fakes.js';
import { FAIRNESS_LOSS_OPTIONS } from '../../fairness/loss-options.js';
import { TTA_MODES } from '../detector-json.js';
import { choice, flag, integer, list, real, text, type Given, type Resolved } from '../../options.js';

/** What the run is about: data, model, place. */
const SUBJECT_OPTIONS = {
  data: list({ placeholder: 'DIR', help: 'data set to train on; several are mixed; required but for --resume' }),
  dataWeight: list({
    placeholder: 'W',
    help: 'how much likelier than 1 an image of the data set at the same place is to be drawn',
  }),
  model: text({ placeholder: 'DIR|ID', help: 'timm model folder or hub id of a ViT to start from; required but for --resume' }),
  init: choice({
    choices: ['pretrained', 'random', 'whitened'],
    default: 'pretrained',
    help: "with --train all; random: draw new weights for the model's config.json; whitened: the same, with patch embeddings that give all detail of the training images the same variance (not for stems of convolutions)",
  }),
  initAdapter: text({ placeholder: 'DIR', help: 'PEFT adapter folder to continue from, with --train lora' }),
  out: text({ default: 'runs/detector', placeholder: 'RUN', help: 'folder of the run' }),
  resume: flag({ help: 'continue the run in --out from its last checkpoint' }),
} as const;

/** What is trained, and by which loss. Equations: native/losses. */
const MODEL_OPTIONS = {
  train: choice({
    choices: ['lora', 'all', 'head'],
    default: 'lora',
    help: 'which parameters change: an adapter, every one, or the head only',
  }),
  head: choice({
    choices: ['new', 'keep', 'frozen-imagenet'],
    default: 'new',
    help: "a new head of two classes, the model's own of two, or the first two logits of the pretrained one, frozen (not with --train head)",
  }),
  imageSize: integer({
    default: 0,
    min: 0,
    max: 4096,
    help: "side of the network's input in pixels; 0 is the model's own",
  }),
  cropPct: real({
    default: 0,
    min: 0,
    max: 1,
    help: "share of the resized image that the network's input is; 0 is the model's own",
  }),
  loraRank: integer({ default: 16, min: 1, max: 4096, help: 'rank of the adapter' }),
  loraAlpha: real({ default: 32, min: 0, max: 65536, help: 'adapter scale times rank' }),
  loraDropout: real({ default: 0.1, min: 0, max: 0.95, help: "dropout on the adapter's input" }),
  loraTargets: text({ default: 'qkv', placeholder: 'NAMES', help: 'layers that carry an adapter, by comma' }),
  loraRslora: flag({ help: 'scale the adapter by alpha / sqrt(rank) instead of alpha / rank' }),
  dropPath: real({ default: 0, min: 0, max: 0.9, help: 'stochastic depth of the last block' }),
  loss: choice({
    choices: ['ce', 'scl'],
    default: 'ce',
    help: 'cross-entropy, or with it weight x (dr + max(dr - df + margin, 0)), Single-Center Loss',
  }),
  labelSmoothing: real({
    default: 0,
    min: 0,
    max: 0.9,
    help: 'share of the target spread over both classes (Szegedy et al. 2016)',
  }),
  cutmix: real({
    default: 0,
    min: 0,
    max: 1,
    help: 'share of the batches whose images carry a rectangle of another one, and that share of its label (Yun et al. 2019); not with --loss scl or --fairness',
  }),
  sclWeight: real({ default: 0.5, min: 0, max: 1000, help: 'weight of Single-Center Loss' }),
  sclMargin: real({
    default: 0.3,
    min: 0,
    max: 1e6,
    help: 'margin between dr and df, the mean distances of real and fake features',
  }),
  sclDistance: choice({
    choices: ['euclidean', 'squared'],
    default: 'euclidean',
    help: 'distance d of a feature to the centre of the real class: as both papers, or as in centre loss',
  }),
  sclScaledMargin: flag({
    help: 'margin times the square root of the feature dimension (Li et al. 2021); else as is (Kong et al. 2023)',
  }),
} as const;

/** How the loss treats groups of people. */
const FAIRNESS_OPTIONS = {
  fairness: choice({
    choices: ['none', 'cvar'],
    default: 'none',
    help: 'cvar: instead of the mean over images, the worst images of the worst groups (Lin et al. 2024)',
  }),
  ...FAIRNESS_LOSS_OPTIONS,
} as const;

/** Which images, in which order. */
const SAMPLING_OPTIONS = {
  trainSamples: integer({
    default: 3000,
    min: 1,
    max: 1e9,
    help: 'training images drawn at random; fewer where there are fewer',
  }),
  valSamples: integer({ default: 300, min: 2, max: 1e9, help: 'validation images drawn at random' }),
  redraw: flag({ help: 'draw other training images for every epoch' }),
  balance: choice({
    choices: ['none', 'sample', 'loss'],
    default: 'sample',
    help: 'against unequal classes: repeat images of the smaller one, or weigh the loss',
  }),
  pseudoFakes: real({
    default: 0,
    min: 0,
    max: 0.5,
    help: 'share of the real images shown as fakes made from them; at most 0.45 beside true fakes',
  }),
  pseudoFakeKinds: text({
    default: PSEUDO_FAKE_KINDS.join(','),
    placeholder: 'KINDS',
    help: 'how such fakes are made, by comma',
  }),
  shuffle: flag({ default: true, help: 'take the images in the order of the data set' }),
  augment: choice({
    choices: AUGMENTATION_NAMES,
    default: 'basic',
    help: 'random changes of training images',
  }),
  cacheMegabytes: integer({
    default: 512,
    min: 0,
    max: 1 << 20,
    help: 'memory for decoded images between epochs',
  }),
  seed: integer({ default: 0, min: 0, max: 0xffffffff, help: 'seed of everything random' }),
  maxBadImages: integer({
    default: 20,
    min: 0,
    max: 1e9,
    help: 'unreadable images to skip before giving up',
  }),
} as const;

/** How the parameters move. */
const OPTIMIZER_OPTIONS = {
  epochs: integer({ default: 10, min: 1, max: 100_000, help: 'passes over the drawn images' }),
  batchSize: integer({ default: 32, min: 1, max: 65536, help: 'images a forward pass' }),
  accumulate: integer({ default: 1, min: 1, max: 4096, help: 'forward passes a step' }),
  optimizer: choice({ choices: ['adam', 'adamw', 'sgd'], default: 'adam', help: 'optimiser' }),
  learningRate: real({ flag: 'lr', default: 1e-3, min: 0, max: 100, help: 'learning rate' }),
  momentum: real({ default: 0.9, min: 0, max: 0.9999, help: 'momentum of sgd' }),
  weightDecay: real({ default: 0, min: 0, max: 100, help: 'weight decay; decoupled for adamw' }),
  schedule: choice({
    choices: ['constant', 'cosine', 'step'],
    default: 'constant',
    help: 'learning rate over the run; cosine falls to --min-lr, step by --step-gamma every --step-epochs',
  }),
  stepEpochs: integer({ default: 60, min: 1, max: 100_000, help: 'epochs between two falls of the schedule step' }),
  stepGamma: real({ default: 0.9, min: 0, max: 1, help: 'factor of each fall' }),
  minLearningRate: real({ flag: 'min-lr', default: 0, min: 0, max: 100, help: 'where cosine ends' }),
  warmupSteps: integer({
    default: 0,
    min: 0,
    max: 1e9,
    help: 'steps in which the learning rate rises from 0',
  }),
  warmupEpochs: integer({ default: 0, min: 0, max: 100_000, help: 'the same in epochs; added to the steps' }),
  clipGradNorm: real({ default: 0, min: 0, max: 1e6, help: 'largest norm of the gradient; 0 is no limit' }),
  samRho: real({
    default: 0,
    min: 0,
    max: 100,
    help: 'radius of sharpness-aware minimisation (Foret et al. 2021), which takes two passes a step; 0 is none',
  }),
} as const;

/** What is written, and when. */
const OUTPUT_OPTIONS = {
  checkpointSteps: integer({
    default: 0,
    min: 0,
    max: 1e9,
    help: 'steps between checkpoints within an epoch; 0 is none',
  }),
  checkpointMinutes: real({
    default: 10,
    min: 0,
    max: 1e6,
    help: 'minutes between checkpoints within an epoch; 0 is none',
  }),
  saveDtype: choice({
    choices: ['fp32', 'fp16', 'bf16'],
    default: 'fp32',
    help: 'dtype of the exported weights',
  }),
  tta: choice({
    choices: TTA_MODES,
    default: 'none',
    help: "test-time augmentation of the detector, and of validation; flip: a score is the mean of an image's and its mirror image's, at twice the work",
  }),
  thresholdBy: choice({
    choices: ['youden', 'accuracy', 'half'],
    default: 'youden',
    help: 'how the threshold is found on the validation images; half is 0.5',
  }),
  unsureOdds: real({
    default: 1.5,
    min: 1,
    max: 1000,
    help: "scores whose odds are within this factor of the threshold's are unsure",
  }),
  weightsTerms: text({ placeholder: 'TEXT', help: 'what may be done with the weights, for detector.json' }),
} as const;

export const TRAIN_OPTIONS = {
  ...SUBJECT_OPTIONS,
  ...MODEL_OPTIONS,
  ...FAIRNESS_OPTIONS,
  ...SAMPLING_OPTIONS,
  ...OPTIMIZER_OPTIONS,
  ...OUTPUT_OPTIONS,
} as const;

export type TrainOptions = Given<typeof TRAIN_OPTIONS>;
export type ResolvedTrainOptions = Resolved<typeof TRAIN_OPTIONS>;

/** Options that a resumed run may be given anew: they do not change a single number of the training. */
export const RESUMABLE_CHANGES: readonly (keyof TrainOptions)[] = [
  'out',
  'resume',
  'maxBadImages',
  'cacheMegabytes',
  'checkpointSteps',
  'checkpointMinutes',
  'saveDtype',
  'thresholdBy',
  'unsureOdds',
  'weightsTerms',
];
