/** What a session trains: the parts in which kinds of detectors differ. */
import type { BadImages } from './bad-images.js';
import type { BatchItem, BatchSource } from './batch-source.js';
import type { TrainingSample } from './data.js';
import type { DetectorContext } from './describe-detector.js';
import type { Trainer } from './trainer.js';

/** Options that the loop itself reads. */
export interface RunSettings {
  epochs: number;
  /** Validation images a forward pass. */
  batchSize: number;
  checkpointSteps: number;
  checkpointMinutes: number;
  maxBadImages: number;
}

/** The shape of a run: what each step takes, and its learning rate. */
export interface StepPlan {
  readonly steps: number;
  readonly stepsPerEpoch: number;
  readonly imagesPerEpoch: number;
  /** The images of the first epoch. */
  readonly drawn: readonly TrainingSample[];
  /** @param step 1 for the first of the run */
  learningRate(step: number): number;
  /** The steps of an epoch (1 for the first): each a list of batches. A function of the epoch alone. */
  epochSteps(epoch: number): BatchItem[][][];
}

export interface OpenedTrainer {
  trainer: Trainer;
  /** One line for a person: what is about to be trained. */
  description: string;
  /** Called once, before the first step of a new run. */
  prepare?: ((badImages: BadImages) => Promise<void>) | undefined;
}

export interface TrainingJob {
  settings: RunSettings;
  plan: StepPlan;
  source: BatchSource;
  validation: readonly TrainingSample[];
  /** What is exported. */
  kind: 'adapter' | 'model';
  open(signal?: AbortSignal): Promise<OpenedTrainer>;
  /** What detector.json says about the run. */
  context(trainer: Trainer): DetectorContext;
}
