/** Process of `deepcode bench memory`: the detector that ships, one image after the other, from the bytes of a file. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Detector } from '../detect/detector.js';
import { packageVersion, PACKAGE_ROOT } from '../package-version.js';
import { runtimeInfo } from '../runtime.js';
import type { MemoryJob } from './job.js';
import { jobOfArguments, serve } from './serve.js';

const SAMPLES = join(PACKAGE_ROOT, 'test', 'data', 'samples');

/** Photographs of several sizes. */
function sampleImages(): Buffer[] {
  const names = readdirSync(SAMPLES).filter((name) => name.endsWith('.jpg'));
  return names.sort().map((name) => readFileSync(join(SAMPLES, name)));
}

async function main(): Promise<void> {
  const { device, dtype, threads, warmUp, predictions } = jobOfArguments<MemoryJob>();
  const detector = await Detector.load(undefined, { device, dtype, threads });
  const images = sampleImages();
  let done = 0;
  async function predict(): Promise<void> {
    await detector.detect(images[done % images.length]!);
    done += 1;
    // What is waiting for garbage collection is no growth. Between the two readings nothing is collected by force.
    if (done === warmUp || done === warmUp + predictions) globalThis.gc!();
  }
  await serve(predict, async () => ({ name: `deepcode ${packageVersion()}`, libtorch: runtimeInfo().torch }), 0);
}

void main();
