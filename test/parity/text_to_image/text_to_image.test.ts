/** Whole pipelines against diffusers: text-to-image and image-to-image, with every sampler. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { TextToImage } from '../../../ts/generate/text-to-image.js';
import type { GeneratedImage, GenerateOptions } from '../../../ts/generate/types.js';
import { readSafetensors, type Safetensors } from '../../../ts/weights/safetensors.js';
import { toFloat32Array } from '../../../ts/weights/tensor-data.js';
import { assertClose } from '../../support/closeness.js';

interface Case extends Omit<GenerateOptions, 'image' | 'latents' | 'prompt'> {
  name: string;
  image?: boolean;
  latents?: boolean;
}
interface Cases {
  prompt: string;
  seeds: [number, number];
  cases: Record<string, Case[]>;
}

const LATENT_TOLERANCE = 1e-3;
/** Share of pixel values that may be more than one grey level off. */
const PIXEL_TOLERANCE = 1e-3;

const { prompt, seeds, cases } = JSON.parse(readFileSync(join(__dirname, 'cases.json'), 'utf8')) as Cases;

let given: Safetensors;

function optionsOf({ name: _, image, latents, ...rest }: Case): GenerateOptions {
  const [height, width] = given.tensors.get('image')!.shape as [number, number];
  const data = given.tensors.get('image')!.data as Uint8Array;
  return {
    ...rest,
    prompt,
    seed: seeds[0],
    count: seeds.length,
    ...(image && { image: { width, height, data } }),
    ...(latents && { latents: given.tensors.get('latents')! }),
  };
}

const joined = (arrays: readonly ArrayLike<number>[]): number[] => arrays.flatMap((array) => Array.from(array));

function assertImages(actual: readonly GeneratedImage[], expected: Uint8Array): void {
  const values = joined(actual.map(({ data }) => data));
  assert.equal(values.length, expected.length);
  const off = values.filter((value, i) => Math.abs(value - expected[i]!) > 1).length;
  assert.ok(off <= PIXEL_TOLERANCE * expected.length, `${off} of ${expected.length} values are off`);
}

describe('text-to-image', () => {
  before(async () => {
    given = await readSafetensors(join(__dirname, 'given.safetensors'));
  });

  for (const [folder, list] of Object.entries(cases)) {
    describe(folder, () => {
      let model: TextToImage;
      let expected: Safetensors;
      before(async () => {
        model = await TextToImage.load(join(__dirname, folder), { device: 'cpu', dtype: 'fp32', threads: 1 });
        expected = await readSafetensors(join(__dirname, `${folder}.safetensors`));
      });
      after(() => model?.dispose());

      for (const item of list) {
        it(`draws ${item.name} as diffusers does`, async () => {
          const images = await model.generate(optionsOf(item));
          const latents = joined(images.map((image) => toFloat32Array(image.latents)));
          assertClose(latents, toFloat32Array(expected.tensors.get(`${item.name}.latents`)!), LATENT_TOLERANCE);
          assertImages(images, expected.tensors.get(`${item.name}.images`)!.data as Uint8Array);
        });
      }

      it('draws the same in batches of two', async () => {
        const item = list[0]!;
        const images = await model.generate({ ...optionsOf(item), batchSize: 2 });
        const latents = joined(images.map((image) => toFloat32Array(image.latents)));
        assertClose(latents, toFloat32Array(expected.tensors.get(`${item.name}.latents`)!), LATENT_TOLERANCE);
      });
    });
  }
});
