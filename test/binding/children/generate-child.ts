/** Prints the digest of one generation: generate-child.ts MODEL OPTIONS. */
import { createHash } from 'node:crypto';
import { TextToImage } from '../../../ts/generate/text-to-image.js';
import type { GenerateOptions } from '../../../ts/generate/types.js';
import { toFloat32Array } from '../../../ts/weights/tensor-data.js';

async function main(): Promise<void> {
  const model = await TextToImage.load(process.argv[2]!, { device: 'cpu', dtype: 'fp32', threads: 1 });
  const hash = createHash('sha256');
  const images = await model.generate(JSON.parse(process.argv[3]!) as GenerateOptions);
  for (const { data, latents } of images) hash.update(data).update(toFloat32Array(latents));
  console.log(hash.digest('hex'));
}

void main();
