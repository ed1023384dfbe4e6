/** Process of a comparison: this package's captioner. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseCaptionModel } from '../caption/model-config.js';
import { callNative } from '../native.js';
import { packageVersion } from '../package-version.js';
import { runtimeInfo, setThreads } from '../runtime.js';
import type { CaptionJob } from './job.js';
import { jobOfArguments, serve } from './serve.js';

const HALF = [0.5, 0.5, 0.5];

async function main(): Promise<void> {
  const { model, image, beams, maxLength, device, dtype, threads } = jobOfArguments<CaptionJob>();
  setThreads(threads);
  const config: unknown = JSON.parse(readFileSync(join(model, 'config.json'), 'utf8'));
  const { encoder, decoder, startId, endId } = parseCaptionModel(config, {}, 'model');
  const spec = { encoder, decoder, weights: join(model, 'model.safetensors'), mean: HALF, std: HALF, device, dtype };
  const network = await callNative(undefined, (addon, token) => addon.captionerLoad(spec, token));
  const pixels = new Uint8Array(readFileSync(image));
  const search = { beams, count: beams, maxLength, lengthPenalty: 1, earlyStopping: 'no' as const, startId, endId };
  const iteration = () => callNative(undefined, (_, token) => network.caption(pixels, search, token));
  await serve(iteration, async () => {
    const found = await iteration();
    return { name: `deepcode ${packageVersion()}`, libtorch: runtimeInfo().torch, logits: found.map(({ score }) => score) };
  });
}

void main();
