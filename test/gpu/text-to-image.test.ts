/** Stable Diffusion on a GPU: the processor's images, in every dtype, and what a caller relies on besides them. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { TextToImage } from '../../ts/generate/text-to-image.js';
import type { GeneratedImage, GenerateOptions, TextToImageOptions } from '../../ts/generate/types.js';
import { readSafetensors } from '../../ts/weights/safetensors.js';
import { toFloat32Array } from '../../ts/weights/tensor-data.js';
import { assertClose } from '../support/closeness.js';
import { skipWithoutCuda } from '../support/cuda.js';

const PARITY = join(__dirname, '..', 'parity', 'text_to_image');
const MODELS = ['sd1', 'sd2'] as const;
const OPTIONS: GenerateOptions = { prompt: 'a house', steps: 4, seed: 5, scheduler: 'euler-ancestral' };

type Dtype = 'fp32' | 'bf16' | 'fp16';

const load = (model: string, device: 'cpu' | 'cuda:0', dtype: Dtype, more: TextToImageOptions = {}): Promise<TextToImage> =>
  TextToImage.load(join(PARITY, model), { ...more, device, dtype });

const latentsOf = (images: readonly GeneratedImage[]): number[] => images.flatMap(({ latents }) => Array.from(toFloat32Array(latents)));

/** Final latents. */
async function drawn(model: string, device: 'cpu' | 'cuda:0', dtype: Dtype, options: GenerateOptions = OPTIONS): Promise<number[]> {
  const pipeline = await load(model, device, dtype);
  try {
    const first = await pipeline.generate(options);
    assert.ok(first.every(({ width, height, data }) => data.length === 3 * width * height));
    return latentsOf(first);
  } finally {
    pipeline.dispose();
  }
}

describe('TextToImage on CUDA', () => {
  before(function () {
    skipWithoutCuda(this);
  });

  for (const model of MODELS) {
    for (const [dtype, tolerance] of [
      ['fp32', 5e-3], // TF32 or not is libtorch's choice
      ['bf16', 0.1],
      ['fp16', 0.02],
    ] as const) {
      it(`draws the processor's latents from the same seed: ${model}, ${dtype}`, async () => {
        assertClose(await drawn(model, 'cuda:0', dtype), await drawn(model, 'cpu', 'fp32'), tolerance);
      });
    }
  }

  const variations: Record<string, Partial<GenerateOptions>> = {
    'from an image': { image: { width: 32, height: 32, data: Uint8Array.from({ length: 3072 }, (_, i) => (i * 7) % 256) }, strength: 0.5 },
    'in batches of two, with the odd one left': { count: 3, batchSize: 2 },
    'of another size than the weights are laid out for': { width: 72, height: 40 },
    'in tiles': { width: 96, height: 96, vaeTiling: 'on' },
    'without guidance': { guidanceScale: 1 },
  };
  for (const [name, changes] of Object.entries(variations)) {
    it(`draws ${name}`, async () => {
      const options = { ...OPTIONS, ...changes };
      assertClose(await drawn('sd1', 'cuda:0', 'fp32', options), await drawn('sd1', 'cpu', 'fp32', options), 5e-3);
    });
  }

  it('draws with every sampler, from latents that are given', async () => {
    const { tensors } = await readSafetensors(join(PARITY, 'given.safetensors'));
    const given = { latents: tensors.get('latents')!, prompt: 'a house', steps: 3, count: 2 };
    for (const scheduler of ['pndm', 'ddim', 'euler', 'dpm++2m', 'heun', 'lms', 'unipc'] as const) {
      const options = { ...given, scheduler };
      assertClose(await drawn('sd1', 'cuda:0', 'fp32', options), await drawn('sd1', 'cpu', 'fp32', options), 5e-3);
    }
  });

  it('repeats an image, also after other sizes and prompts', async () => {
    const pipeline = await load('sd1', 'cuda:0', 'fp16');
    const first = latentsOf(await pipeline.generate(OPTIONS));
    await pipeline.generate({ ...OPTIONS, prompt: 'something else', width: 64, count: 2, batchSize: 2 });
    assertClose(latentsOf(await pipeline.generate(OPTIONS)), first, 1e-3);
    pipeline.dispose();
  });

  it('draws the same from recorded steps as from kernels launched one by one', async () => {
    for (const model of MODELS) {
      const [recorded, launched] = await Promise.all(
        [true, false].map(async (cudaGraphs) => {
          const pipeline = await load(model, 'cuda:0', 'fp32', { cudaGraphs });
          const latents = latentsOf(await pipeline.generate({ ...OPTIONS, steps: 8, count: 2 }));
          pipeline.dispose();
          return latents;
        }),
      );
      assertClose(recorded!, launched!, 1e-5);
    }
  });

  // The first step runs, the second is recorded, the third is the first replay.
  for (const last of [1, 2, 3]) {
    it(`stops when it is aborted after step ${last}, and works on`, async () => {
      const pipeline = await load('sd1', 'cuda:0', 'fp16');
      const first = latentsOf(await pipeline.generate(OPTIONS));
      const controller = new AbortController();
      const generation = pipeline.generate({ ...OPTIONS, steps: 900, signal: controller.signal });
      const reading = (async () => {
        for await (const { step } of generation) if (step === last) controller.abort();
      })();
      await assert.rejects(reading, { name: 'AbortError' });
      await assert.rejects(Promise.resolve(generation), { name: 'AbortError' });
      assertClose(latentsOf(await pipeline.generate(OPTIONS)), first, 1e-3);
      pipeline.dispose();
    });
  }
});
