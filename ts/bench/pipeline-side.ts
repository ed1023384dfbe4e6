/** Process of a comparison: this package's pipeline, from a prompt to pixels. */
import { TextToImage } from '../generate/text-to-image.js';
import { packageVersion } from '../package-version.js';
import { runtimeInfo, setThreads } from '../runtime.js';
import type { PipelineJob, SideReady } from './job.js';
import { jobOfArguments, serve } from './serve.js';

async function main(): Promise<void> {
  const { model, prompt, steps, device, dtype, threads } = jobOfArguments<PipelineJob>();
  setThreads(threads);
  const pipeline = await TextToImage.load(model, { device, dtype });
  const iteration = async (): Promise<void> => void (await pipeline.generate({ prompt, steps, seed: 0 }));
  const ready = async (): Promise<SideReady> => ({ name: `deepcode ${packageVersion()}`, libtorch: runtimeInfo().torch });
  await serve(iteration, ready, device === 'cpu' ? 0 : 1);
}

void main();
