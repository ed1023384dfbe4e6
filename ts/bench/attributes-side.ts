/** Process of a comparison: this package's FaceAnalyzer. */
import { readFileSync } from 'node:fs';
import { FaceAnalyzer } from '../attributes/face-analyzer.js';
import { packageVersion } from '../package-version.js';
import { runtimeInfo } from '../runtime.js';
import type { AttributesJob } from './job.js';
import { jobOfArguments, serve } from './serve.js';

async function main(): Promise<void> {
  const { models, image, width, height, device, dtype, threads } = jobOfArguments<AttributesJob>();
  const analyzer = await FaceAnalyzer.load({ models, device, dtype, threads });
  const pixels = { width, height, data: new Uint8Array(readFileSync(image)) };
  await serve(
    async () => {
      if ((await analyzer.analyze(pixels)).length === 0) throw new Error('No face was found in the photograph.');
    },
    async () => ({ name: `deepcode ${packageVersion()}`, libtorch: runtimeInfo().torch }),
  );
}

void main();
