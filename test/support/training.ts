/** A temporary place with a tiny random ViT and a small data set, for tests of training. */
import { cp, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseMetrics, type MetricsLine } from '../../ts/detect/train/metrics-log.js';
import type { TrainOptions } from '../../ts/detect/train/options.js';
import { train, type TrainHooks } from '../../ts/detect/train/train.js';
import type { TrainReport } from '../../ts/detect/train/report.js';
import type { RuntimeOptions } from '../../ts/runtime.js';
import { writeRandomVit } from './random-vit.js';
import { writeSyntheticSet } from './synthetic-set.js';

export const TINY_OPTIONS: TrainOptions & RuntimeOptions = {
  epochs: 2,
  batchSize: 4,
  trainSamples: 16,
  valSamples: 8,
  augment: 'basic',
  checkpointMinutes: 0,
  device: 'cpu',
  threads: 1,
};

export class TrainingPlace {
  private constructor(readonly root: string) {}

  static async create(): Promise<TrainingPlace> {
    const place = new TrainingPlace(await mkdtemp(join(tmpdir(), 'deepcode-train-')));
    writeRandomVit(place.model, {
      embedDim: 32,
      depth: 2,
      numHeads: 2,
      patchSize: 8,
      imageSize: 32,
      numClasses: 5,
    });
    await writeSyntheticSet(place.data);
    return place;
  }

  get model(): string {
    return join(this.root, 'model');
  }
  get data(): string {
    return join(this.root, 'faces');
  }
  run(name: string): string {
    return join(this.root, 'runs', name);
  }

  train(
    name: string,
    options: TrainOptions & RuntimeOptions = {},
    hooks: TrainHooks = {},
  ): Promise<TrainReport> {
    return train(
      { data: [this.data], model: this.model, ...TINY_OPTIONS, ...options, out: this.run(name) },
      hooks,
    );
  }

  /** As a user would: nothing but the folder. */
  resume(
    name: string,
    options: TrainOptions & RuntimeOptions = {},
    hooks: TrainHooks = {},
  ): Promise<TrainReport> {
    return train({ device: 'cpu', threads: 1, ...options, resume: true, out: this.run(name) }, hooks);
  }

  copy(from: string, to: string): Promise<void> {
    return cp(this.run(from), this.run(to), { recursive: true });
  }

  /** The log without what depends on the clock. */
  async metrics(name: string): Promise<MetricsLine[]> {
    const lines = parseMetrics(await readFile(join(this.run(name), 'metrics.jsonl'), 'utf8'));
    return lines.map((line) => ('val_loss' in line ? { ...line, seconds: 0 } : { ...line, images_per_s: 0 }));
  }

  read(name: string, file: string): Promise<Buffer> {
    return readFile(join(this.run(name), file));
  }

  remove(): Promise<void> {
    return rm(this.root, { recursive: true, force: true });
  }
}

/** Stops a run after a step, as Ctrl-C does. */
export function stopAfter(step: number): TrainHooks {
  const controller = new AbortController();
  return {
    signal: controller.signal,
    onProgress: (progress) => {
      if (progress.step === step) controller.abort();
    },
  };
}
