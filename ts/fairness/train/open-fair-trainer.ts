/** The addon's trainer of the disentangled detector behind the loop's interface. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fairConfigJson } from '../../detect/xception-config.js';
import type { LoadedBatch } from '../../detect/train/batch-source.js';
import { countCorrect } from '../../detect/train/open-trainer.js';
import { optimizerOptions } from '../../detect/train/optimizer-options.js';
import { deriveSeed } from '../../detect/train/seeds.js';
import type { Scores, StepLosses, Trainer } from '../../detect/train/trainer.js';
import { callNative } from '../../native.js';
import type { NativeFairDetectorOptions } from '../../native/fair-detector.js';
import type { NativeFairLosses, NativeFairTrainer, NativeFairTrainerSpec } from '../../native/fair-trainer.js';
import { bilevelCvarOptions } from '../loss-options.js';
import { fairPreprocessing } from './fair-config.js';
import type { TrainingGroup } from './number-groups.js';
import type { ResolvedFairTrainOptions } from './options.js';
import { pairedBatch, type PairedBatch } from './pair-batch.js';

export interface OpenFairTrainerOptions {
  options: ResolvedFairTrainOptions;
  network: NativeFairDetectorOptions;
  /** Of the training images, by their numbers. */
  groups: readonly TrainingGroup[];
  /** Names of the forgery methods 1, 2, ... */
  methods: readonly string[];
  /** model.safetensors of a detector to start from; null: none. */
  weights: string | null;
  device: string;
  dtype: 'fp32' | 'bf16';
}

function toSpec(given: OpenFairTrainerOptions): NativeFairTrainerSpec {
  const { options, network, groups, weights, device, dtype } = given;
  const { mean, std } = fairPreprocessing(network);
  const classCounts = groups.map(({ real, fake }) => real + fake);
  return {
    network,
    weights,
    encoders: options.encoders ?? null,
    freezeNorms: options.norms === 'frozen',
    mean,
    std,
    loss: {
      weights: {
        fused: options.weightFused,
        common: options.weightCommon,
        specific: options.weightSpecific,
        demographic: options.weightDemographic,
        contrastive: options.weightContrastive,
        reconstruction: options.weightReconstruction,
      },
      demographic: { classCounts, maxMargin: options.ldamMargin, scale: options.ldamScale },
      margin: options.contrastiveMargin,
      fairness: options.fairness === 'cvar' ? bilevelCvarOptions(options) : null,
    },
    optimizer: optimizerOptions(options),
    seed: deriveSeed(options.seed, 'weights and dropout'),
    device,
    dtype,
  };
}

const PARTS = ['fused', 'common', 'specific', 'demographic', 'contrastive', 'reconstruction'] as const;

/** Adds `share` times the losses of a batch to the step's. */
function addLosses(sums: StepLosses, { loss, ce, parts }: NativeFairLosses, share: number): StepLosses {
  const present = PARTS.filter((name) => parts[name] !== undefined);
  const added = present.map((name) => [name, (sums.parts[name] ?? 0) + share * parts[name]!]);
  const total: StepLosses['parts'] = Object.fromEntries(added);
  return { ...sums, loss: sums.loss + share * loss, ce: sums.ce + share * ce, parts: total };
}

class AddonFairTrainer implements Trainer {
  constructor(
    private readonly native: NativeFairTrainer,
    private readonly given: OpenFairTrainerOptions,
  ) {}

  get parameterCount(): { total: number; trained: number } {
    return this.native.parameterCount;
  }

  async step(batches: readonly LoadedBatch[], learningRate: number): Promise<StepLosses> {
    const pairs = batches.flatMap((batch) => pairedBatch(batch) ?? []);
    const images = pairs.reduce((sum, { labels }) => sum + labels.length, 0);
    // Not one pair could be read: nothing is learned, and the step keeps its number.
    if (images === 0) return { loss: 0, ce: 0, parts: {}, correct: 0, images, gradNorm: 0 };
    const losses = await this.#accumulate(pairs, images);
    if (this.given.options.samRho > 0) {
      await callNative(undefined, () => this.native.climb());
      await this.#accumulate(pairs, images);
    }
    const { gradNorm } = await callNative(undefined, () => this.native.update(learningRate));
    return { ...losses, gradNorm };
  }

  async #accumulate(batches: readonly PairedBatch[], images: number): Promise<StepLosses> {
    let sums: StepLosses = { loss: 0, ce: 0, parts: {}, correct: 0, images, gradNorm: 0 };
    for (const batch of batches) {
      const share = batch.labels.length / images;
      const part = await callNative(undefined, (_, token) => this.native.accumulate(batch, share, token));
      const correct = sums.correct + countCorrect(part.logits, batch.labels);
      sums = { ...addLosses(sums, part, share), correct };
    }
    return sums;
  }

  score(images: Uint8Array, count: number): Promise<Scores> {
    return callNative(undefined, (_, token) => this.native.forward(images, count, token));
  }

  async center(): Promise<readonly number[]> {
    return [];
  }

  saveState(path: string): Promise<void> {
    return callNative(undefined, () => this.native.saveState(path));
  }

  restoreState(path: string): Promise<void> {
    return callNative(undefined, (_, token) => this.native.restoreState(path, token));
  }

  async exportWeights(folder: string): Promise<void> {
    const { network } = this.given;
    const config = fairConfigJson(network, fairPreprocessing(network));
    await writeFile(join(folder, 'config.json'), `${JSON.stringify(config, null, 2)}\n`);
    const path = join(folder, 'model.safetensors');
    return callNative(undefined, () => this.native.saveModel(path, this.given.options.saveDtype));
  }

  dispose(): void {
    this.native.dispose();
  }
}

/** @throws DeepcodeError ERR_WEIGHTS_*, ERR_CONFIG, ERR_DEVICE; AbortError */
export async function openFairTrainer(given: OpenFairTrainerOptions, signal?: AbortSignal): Promise<Trainer> {
  const spec = toSpec(given);
  const trainer = await callNative(signal, (addon, token) => addon.fairTrainerCreate(spec, token));
  return new AddonFairTrainer(trainer, given);
}

/** What is about to be trained, for the log. */
export function describeFairTrainer(trainer: Trainer, { network, groups }: OpenFairTrainerOptions): string {
  const count = trainer.parameterCount.total.toLocaleString('en-US');
  const methods = network.specificClasses > 0 ? `, ${network.specificClasses - 1} forgery methods` : '';
  const size = `${network.imageWidth} x ${network.imageHeight} pixels, width ${network.width}`;
  return `Disentangled Xception (${size}): ${count} parameters; ${groups.length} groups${methods}.`;
}
