/** A trainer whose parameters are two numbers: the training loop is tested without a network. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DeepcodeError } from '../../ts/errors.js';
import type { BatchItem, BatchSource, LoadedBatch } from '../../ts/detect/train/batch-source.js';
import type { Scores, StepLosses, Trainer } from '../../ts/detect/train/trainer.js';

/** Logistic regression on an image's one byte, by gradient descent. */
export class FakeTrainer implements Trainer {
  readonly parameterCount = { total: 2, trained: 2 };
  weight = 0;
  bias = 0;
  steps = 0;
  disposed = false;

  /** @param nonfiniteAt the call of step() that fails, 1 for the first */
  constructor(private readonly nonfiniteAt = Infinity) {}

  async step(batches: readonly LoadedBatch[], learningRate: number): Promise<StepLosses> {
    if (++this.steps === this.nonfiniteAt) throw new DeepcodeError('ERR_NONFINITE', 'The loss is NaN.');
    const images = batches.reduce((sum, { labels }) => sum + labels.length, 0);
    let loss = 0;
    let correct = 0;
    let slope = [0, 0] as [number, number];
    for (const batch of batches) {
      batch.labels.forEach((label, i) => {
        const x = batch.images[i]! / 255 - 0.5;
        const fake = 1 / (1 + Math.exp(-(this.weight * x + this.bias)));
        loss -= Math.log(label === 1 ? fake : 1 - fake) / images;
        if (fake >= 0.5 === (label === 1)) correct++;
        slope = [slope[0] + ((fake - label) * x) / images, slope[1] + (fake - label) / images];
      });
    }
    this.weight -= learningRate * slope[0];
    this.bias -= learningRate * slope[1];
    return { loss, ce: loss, parts: { scl: 0 }, correct, images, gradNorm: Math.hypot(...slope) };
  }

  async score(images: Uint8Array, count: number): Promise<Scores> {
    const features = Float32Array.from(images.subarray(0, count), (byte) => byte / 255 - 0.5);
    const logits = new Float32Array(2 * count);
    features.forEach((x, i) => void (logits[2 * i + 1] = this.weight * x + this.bias));
    return { logits, features };
  }

  async center(): Promise<readonly number[]> {
    return [];
  }

  saveState(path: string): Promise<void> {
    return writeFile(path, JSON.stringify([this.weight, this.bias]));
  }

  async restoreState(path: string): Promise<void> {
    [this.weight, this.bias] = JSON.parse(await readFile(path, 'utf8')) as [number, number];
  }

  exportWeights(folder: string): Promise<void> {
    return this.saveState(join(folder, 'adapter_model.safetensors'));
  }

  dispose(): void {
    this.disposed = true;
  }
}

/** "Decodes" the number after the last slash of a path into one byte; `bad` in a path cannot be read. */
export const fakeSource: BatchSource = async function* (batches) {
  for (const items of batches) yield decode(items);
};

function decode(items: readonly BatchItem[]): LoadedBatch {
  const readable = items.filter(({ path }) => !path.includes('bad'));
  return {
    images: Uint8Array.from(readable, ({ path }) => Number(path.slice(path.lastIndexOf('/') + 1))),
    labels: Uint8Array.from(readable, ({ label }) => label),
    count: readable.length,
    items: readable,
    failures: items
      .filter((item) => !readable.includes(item))
      .map((item) => ({ item, reason: 'it is damaged' })),
  };
}
