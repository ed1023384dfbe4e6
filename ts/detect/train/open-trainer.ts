/** The addon's trainer behind the loop's interface. */
import { writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { callNative } from '../../native.js';
import { bilevelCvarOptions } from '../../fairness/loss-options.js';
import type { NativeTrainer, NativeTrainerSpec, TrainerLosses } from '../../native/trainer.js';
import { classifierNames } from '../vit-modules.js';
import { adapterConfigJson, resolveAdapter, type AdapterConfig } from '../adapter-config.js';
import type { BaseModel } from './base-model.js';
import type { LoadedBatch } from './batch-source.js';
import { modelConfig } from './model-config.js';
import { optimizerOptions } from './optimizer-options.js';
import type { ResolvedTrainOptions } from './options.js';
import { deriveSeed } from './seeds.js';
import type { Scores, StepLosses, Trainer } from './trainer.js';

export interface OpenTrainerOptions {
  options: ResolvedTrainOptions;
  base: BaseModel;
  /** How an adapter names its base. */
  baseName: string | null;
  /** Factors of a sample's cross-entropy: [real, fake]. */
  classWeights: readonly [number, number];
  device: string;
  dtype: 'fp32' | 'bf16';
}

/** The adapter's rules: those of --init-adapter, or the --lora options. */
export function adapterConfigOf({
  options,
  base,
  baseName,
}: Pick<OpenTrainerOptions, 'options' | 'base' | 'baseName'>): AdapterConfig | null {
  if (options.train !== 'lora') return null;
  if (base.adapter) return { ...base.adapter.config, baseModel: baseName };
  return {
    baseModel: baseName,
    rank: options.loraRank,
    alpha: options.loraAlpha,
    dropout: options.loraDropout,
    targetModules: options.loraTargets.split(',').map((name) => name.trim()),
    excludeModules: [],
    rankPattern: {},
    alphaPattern: {},
    rslora: options.loraRslora,
    modulesToSave: options.head === 'frozen-imagenet' ? [] : classifierNames(base.vit.options),
    layersToTransform: [],
    layersPattern: [],
  };
}

function toSpec(given: OpenTrainerOptions, adapter: AdapterConfig | null): NativeTrainerSpec {
  const { options, base, classWeights, device, dtype } = given;
  const { mean, std } = base.vit.preprocessing;
  return {
    vit: base.vit.options,
    weights: base.weights,
    newHead: options.head === 'new',
    adapter: adapter && resolveAdapter(adapter, base.vit.options, '--lora-targets'),
    adapterWeights: base.adapter?.weights ?? null,
    trainable: options.train === 'lora' ? 'adapter' : options.train,
    freezeHead: options.head === 'frozen-imagenet',
    numLogits: 2,
    dropPath: options.dropPath,
    cutMix: options.cutmix,
    flipAverage: options.tta === 'flip',
    mean,
    std,
    loss: {
      classWeights,
      labelSmoothing: options.labelSmoothing,
      sclWeight: options.loss === 'scl' ? options.sclWeight : 0,
      sclMargin: options.sclMargin,
      sclDistance: options.sclDistance,
      sclScaledMargin: options.sclScaledMargin,
      fairness: options.fairness === 'cvar' ? bilevelCvarOptions(options) : null,
    },
    optimizer: optimizerOptions(options),
    seed: deriveSeed(options.seed, 'weights and dropout'),
    device,
    dtype,
  };
}

/** Images whose larger logit is that of their label. */
export function countCorrect(logits: Float32Array, labels: Uint8Array): number {
  return labels.reduce(
    (sum, label, i) => sum + Number(logits[2 * i + 1]! > logits[2 * i]! === (label === 1)),
    0,
  );
}

/** Null where the items have no group. */
export function groupsOf({ items }: Pick<LoadedBatch, 'items'>): Uint8Array | null {
  return items[0]?.group === undefined ? null : Uint8Array.from(items, ({ group }) => group!);
}

export interface WhiteningTrainer extends Trainer {
  /**
   * Starts the patch embedding from the whitening of these images' patches; before the first step.
   * @param images count x height x width x 3 bytes
   */
  whitenPatches(images: Uint8Array, count: number): Promise<void>;
}

class AddonTrainer implements WhiteningTrainer {
  constructor(
    private readonly native: NativeTrainer,
    private readonly given: OpenTrainerOptions,
    private readonly adapter: AdapterConfig | null,
  ) {}

  get parameterCount(): { total: number; trained: number } {
    return this.native.parameterCount;
  }

  async step(batches: readonly LoadedBatch[], learningRate: number): Promise<StepLosses> {
    const losses = await this.#accumulate(batches);
    if (this.given.options.samRho > 0) {
      await callNative(undefined, () => this.native.climb());
      await this.#accumulate(batches);
    }
    const { gradNorm } = await callNative(undefined, () => this.native.update(learningRate));
    return { ...losses, gradNorm };
  }

  /** Gradients of all batches, each weighed by its share of the images. */
  async #accumulate(batches: readonly LoadedBatch[]): Promise<Omit<StepLosses, 'gradNorm'>> {
    const images = batches.reduce((sum, { count }) => sum + count, 0);
    const sums = { loss: 0, ce: 0, scl: 0, correct: 0 };
    for (const batch of batches) {
      const weight = batch.count / images;
      const part = await this.#accumulateOne(batch, weight);
      sums.loss += weight * part.loss;
      sums.ce += weight * part.ce;
      sums.scl += weight * part.scl;
      sums.correct += countCorrect(part.logits, batch.labels);
    }
    const { scl, ...rest } = sums;
    return { ...rest, parts: { scl }, images };
  }

  #accumulateOne(batch: LoadedBatch, weight: number): Promise<TrainerLosses> {
    const { images, labels } = batch;
    const given = { images, labels, groups: groupsOf(batch) };
    return callNative(undefined, (_, token) => this.native.accumulate(given, weight, token));
  }

  score(images: Uint8Array, count: number): Promise<Scores> {
    return callNative(undefined, (_, token) => this.native.forward(images, count, token));
  }

  whitenPatches(images: Uint8Array, count: number): Promise<void> {
    return callNative(undefined, (_, token) => this.native.whitenPatches(images, count, token));
  }

  async center(): Promise<readonly number[]> {
    return [...(await callNative(undefined, () => this.native.center()))];
  }

  saveState(path: string): Promise<void> {
    return callNative(undefined, () => this.native.saveState(path));
  }

  restoreState(path: string): Promise<void> {
    return callNative(undefined, (_, token) => this.native.restoreState(path, token));
  }

  async exportWeights(folder: string): Promise<void> {
    const { options, base } = this.given;
    const { vit } = base;
    if (this.adapter) {
      const config = adapterConfigJson(this.adapter, vit.options);
      await writeFile(join(folder, 'adapter_config.json'), `${JSON.stringify(config, null, 2)}\n`);
      const path = join(folder, 'adapter_model.safetensors');
      return callNative(undefined, () => this.native.saveAdapter(path, options.saveDtype));
    }
    const labels = options.head === 'frozen-imagenet' ? null : ['real', 'fake'];
    const config = modelConfig(base.config, vit.options.numClasses, vit.preprocessing, labels);
    await writeFile(join(folder, 'config.json'), `${JSON.stringify(config, null, 2)}\n`);
    return callNative(undefined, () =>
      this.native.saveModel(join(folder, 'model.safetensors'), options.saveDtype),
    );
  }

  dispose(): void {
    this.native.dispose();
  }
}

/** @throws DeepcodeError ERR_WEIGHTS_*, ERR_CONFIG, ERR_DEVICE; AbortError */
export async function openTrainer(given: OpenTrainerOptions, signal?: AbortSignal): Promise<WhiteningTrainer> {
  const adapter = adapterConfigOf(given);
  const spec = toSpec(given, adapter);
  const trainer = await callNative(signal, (addon, token) => addon.trainerCreate(spec, token));
  return new AddonTrainer(trainer, given, adapter);
}

/** "Base model vit, adapter on 12 layers": what is about to be trained, for the log. */
export function describeTrainer(
  trainer: Trainer,
  { options, base }: Pick<OpenTrainerOptions, 'options' | 'base'>,
): string {
  const { total, trained } = trainer.parameterCount;
  const count = (value: number): string => value.toLocaleString('en-US');
  const name = `${base.vit.architecture} from ${basename(base.folder)}`;
  return `${name}: ${count(total)} parameters, ${count(trained)} of them trained (${options.train}).`;
}
