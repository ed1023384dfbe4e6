/** Process of a comparison: this package. */
import { readFileSync } from 'node:fs';
import { openTrainer } from '../detect/train/open-trainer.js';
import { callNative } from '../native.js';
import { packageVersion } from '../package-version.js';
import { runtimeInfo, setThreads } from '../runtime.js';
import type { BenchJob, SideReady } from './job.js';
import { networkOf, trainerOptions, vitOf } from './random-model.js';
import { jobOfArguments, serve } from './serve.js';

interface Side {
  iteration(): Promise<unknown>;
  ready(): Promise<SideReady>;
}

const identity = (): SideReady => ({ name: `deepcode ${packageVersion()}`, libtorch: runtimeInfo().torch });

async function inference(job: BenchJob, images: Uint8Array): Promise<Side> {
  const { weights, device, dtype, batchSize, mean, std } = job;
  const { network: described } = networkOf(job.architecture);
  const spec = { network: described, weights, numLogits: 2, mean, std, device, dtype, batchSize, flipAverage: false };
  const network = await callNative(undefined, (addon, token) => addon.detectorLoad(spec, token));
  const iteration = () => callNative(undefined, (_, token) => network.forward(images, batchSize, token));
  return { iteration, ready: async () => ({ ...identity(), logits: [...(await iteration()).logits] }) };
}

async function training(job: BenchJob, images: Uint8Array): Promise<Side> {
  const { weights, device, batchSize, lora } = job;
  if (job.dtype === 'fp16') throw new Error('Training runs in fp32 or bf16.');
  const options = trainerOptions({
    head: 'keep', loraRank: lora.rank, loraAlpha: lora.alpha, loraDropout: lora.dropout, loraTargets: lora.targets.join(),
  });
  const vit = vitOf(job.architecture);
  const base = { folder: '', config: {}, vit, weights, adapter: null, digest: '' };
  const trainer = await openTrainer({ options, base, baseName: null, classWeights: [1, 1], device, dtype: job.dtype });
  const labels = Uint8Array.from({ length: batchSize }, (_, i) => i % 2);
  const batch = { images, labels, count: batchSize, items: [], failures: [] };
  return { iteration: () => trainer.step([batch], 1e-3), ready: async () => identity() };
}

async function main(): Promise<void> {
  const job = jobOfArguments<BenchJob>();
  setThreads(job.threads);
  const images = new Uint8Array(readFileSync(job.images));
  const side = await (job.workload === 'inference' ? inference : training)(job, images);
  await serve(() => side.iteration(), () => side.ready());
}

void main();
