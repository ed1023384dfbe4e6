/** Models, images and latents that are not what they should be: a typed error that names it, and the next call works. */
import assert from 'node:assert/strict';
import { cpSync, createReadStream, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DeepcodeError } from '../../ts/errors.js';
import { TextToImage } from '../../ts/generate/text-to-image.js';
import type { GenerateOptions } from '../../ts/generate/types.js';
import { readSafetensors, writeSafetensors } from '../../ts/weights/safetensors.js';
import type { TensorData } from '../../ts/weights/tensor-data.js';
import { useTemporaryFolder } from '../support/temporary-folder.js';

const MODEL = join(__dirname, '..', 'parity', 'text_to_image', 'sd1');
const UNET = ['unet', 'diffusion_pytorch_model.safetensors'] as const;

type Tensors = Map<string, TensorData>;

async function failure(promise: PromiseLike<unknown>): Promise<Error & { code?: string }> {
  try {
    await promise;
  } catch (error) {
    assert.ok(error instanceof Error);
    assert.ok(error.message.length <= 300, error.message);
    return error;
  }
  return assert.fail('nothing was thrown');
}

describe('a damaged model', () => {
  const path = useTemporaryFolder();
  const model = (...parts: string[]): string => path('sd', ...parts);
  beforeEach(() => cpSync(MODEL, model(), { recursive: true }));

  const editJson = (parts: readonly string[], change: (json: Record<string, unknown>) => void): void => {
    const json = JSON.parse(readFileSync(model(...parts), 'utf8')) as Record<string, unknown>;
    change(json);
    writeFileSync(model(...parts), JSON.stringify(json));
  };
  const editWeights = async (parts: readonly string[], change: (tensors: Tensors) => void): Promise<void> => {
    const { tensors } = await readSafetensors(model(...parts));
    change(tensors);
    await writeSafetensors(model(...parts), tensors);
  };

  const CASES: Record<string, [damage: () => unknown, code: string, message: RegExp]> = {
    'a UNet config without a field it needs': [
      () => editJson(['unet', 'config.json'], (json) => (json['block_out_channels'] = 'wide')),
      'ERR_CONFIG', /block_out_channels/,
    ],
    'a text encoder of another width': [
      () => editJson(['text_encoder', 'config.json'], (json) => Object.assign(json, { hidden_size: 32 })),
      'ERR_CONFIG', /the UNet takes text of width 16, but the text encoder gives 32/,
    ],
    'an inpainting UNet': [
      () => editJson(['unet', 'config.json'], (json) => (json['in_channels'] = 9)),
      'ERR_CONFIG', /9 channels/,
    ],
    'a vocabulary that is larger than the text encoder': [
      () => editJson(['text_encoder', 'config.json'], (json) => (json['vocab_size'] = 100)),
      'ERR_CONFIG', /tokenizer/,
    ],
    'an unknown scheduler': [
      () => editJson(['scheduler', 'scheduler_config.json'], (json) => (json['_class_name'] = 'Magic')),
      'ERR_CONFIG', /_class_name/,
    ],
    'a config that is no JSON': [() => writeFileSync(model('vae', 'config.json'), '[1,'), 'ERR_CONFIG', /vae\/config\.json is not valid JSON/],
    'weights without a tensor': [
      () => editWeights(UNET, (tensors) => tensors.delete('conv_in.bias')),
      'ERR_WEIGHTS_MISSING', /conv_in\.bias/,
    ],
    'weights with a tensor too many': [
      () => editWeights(UNET, (tensors) => tensors.set('extra.weight', { dtype: 'F32', shape: [1], data: new Float32Array(1) })),
      'ERR_WEIGHTS_UNEXPECTED', /extra\.weight/,
    ],
    'a tensor of another shape': [
      () => editWeights(UNET, (tensors) => tensors.set('conv_in.bias', { dtype: 'F32', shape: [3], data: new Float32Array(3) })),
      'ERR_WEIGHTS_SHAPE', /conv_in\.bias/,
    ],
    'a weight that is NaN': [
      () => editWeights(UNET, (tensors) => (tensors.get('conv_in.bias')!.data as Uint16Array).fill(0x7e00)),
      'ERR_WEIGHTS_NONFINITE', /conv_in\.bias/,
    ],
    'weights that are cut off': [() => truncateSync(model(...UNET), 5000), 'ERR_WEIGHTS_FORMAT', /diffusion_pytorch_model\.safetensors/],
    'weights that are text': [() => writeFileSync(model(...UNET), 'no weights'), 'ERR_WEIGHTS_FORMAT', /diffusion_pytorch_model\.safetensors/],
    'an index without its shards': [
      () => {
        rmSync(model(...UNET));
        writeFileSync(model('unet', 'diffusion_pytorch_model.safetensors.index.json'), '{"weight_map":{"conv_in.bias":"a.safetensors"}}');
      },
      'ERR_WEIGHTS_MISSING', /a\.safetensors/,
    ],
    'a tokenizer without merges': [() => rmSync(model('tokenizer', 'merges.txt')), 'ERR_IO', /tokenizer\/merges\.txt/],
    'a tokenizer whose merges are no merges': [() => writeFileSync(model('tokenizer', 'merges.txt'), '\0\0\0'), 'ERR_CONFIG', /merges\.txt/],
  }; // prettier-ignore

  for (const [name, [damage, code, message]] of Object.entries(CASES)) {
    it(`is refused: ${name}`, async () => {
      await damage();
      const error = await failure(TextToImage.load(model(), { device: 'cpu', threads: 1 }));
      assert.ok(error instanceof DeepcodeError, error.stack);
      assert.equal(error.code, code, error.message);
      assert.match(error.message, message);
      assert.ok(!error.message.includes(path()), error.message);
    });
  }

  it('does not spoil the next load', async () => {
    truncateSync(model(...UNET), 5000);
    await failure(TextToImage.load(model(), { device: 'cpu', threads: 1 }));
    cpSync(MODEL, model(), { recursive: true });
    const good = await TextToImage.load(model(), { device: 'cpu', threads: 1 });
    assert.equal((await good.generate({ prompt: 'a', steps: 1 })).length, 1);
    good.dispose();
  });

  it('is refused for a LoRA file that is none', async () => {
    writeFileSync(path('lora.safetensors'), 'no weights');
    const error = await failure(TextToImage.load(model(), { device: 'cpu', threads: 1, loras: [{ path: path('lora.safetensors') }] }));
    assert.equal(error.code, 'ERR_WEIGHTS_FORMAT', error.message);
  });
});

describe('a generation of nonsense', () => {
  const path = useTemporaryFolder();
  let model: TextToImage;
  before(async () => {
    model = await TextToImage.load(MODEL, { device: 'cpu', dtype: 'fp32', threads: 1 });
  });
  after(() => model?.dispose());

  const latents = (shape: number[], value = 0): TensorData => ({
    dtype: 'F32', shape, data: new Float32Array(shape.reduce((a, b) => a * b, 1)).fill(value),
  }); // prettier-ignore
  const CASES: Record<string, [options: () => Partial<GenerateOptions>, code: string, message: RegExp]> = {
    'a text file as image': [
      () => {
        writeFileSync(path('text.png'), 'no image');
        return { image: path('text.png') };
      },
      'ERR_IMAGE', /text\.png/,
    ],
    'an image that is too small': [() => ({ image: { width: 4, height: 9, data: new Uint8Array(108) } }), 'ERR_IMAGE', /4 pixels/],
    'latents of another size': [() => ({ latents: latents([1, 4, 8, 8]), width: 32 }), 'ERR_OUT_OF_RANGE', /\[1, 4, 8, 16\] for latents/],
    'latents of another depth': [() => ({ latents: latents([1, 3, 16, 16]) }), 'ERR_OUT_OF_RANGE', /\[1, 4, 16, 16\]/],
    'latents for more images': [() => ({ latents: latents([3, 4, 16, 16]), count: 2 }), 'ERR_OUT_OF_RANGE', /1 or 2/],
    'latents that are NaN': [() => ({ latents: latents([1, 4, 16, 16], NaN) }), 'ERR_OUT_OF_RANGE', /finite/],
    'latents without end': [() => ({ latents: latents([1, 4, 16, 16], 1e38) }), 'ERR_NONFINITE', /fp32/],
  }; // prettier-ignore

  for (const [name, [options, code, message]] of Object.entries(CASES)) {
    it(`is refused: ${name}`, async () => {
      const error = await failure(model.generate({ prompt: 'a', steps: 2, scheduler: 'euler', ...options() }));
      assert.equal(error.code, code, error.message);
      assert.match(error.message, message);
      assert.equal((await model.generate({ prompt: 'a', steps: 1 })).length, 1);
    });
  }
});

describe('a generation that does not fit its model', () => {
  const path = useTemporaryFolder();
  const shape = [1, 4, 8, 8];
  const CASES: Record<string, [check: Partial<GenerateOptions>, code: string, message: RegExp]> = {
    'more steps than an LCM has': [{ scheduler: 'lcm', steps: 51 }, 'ERR_CONFIG', /1 to 50 steps/],
    'more steps than PNDM has': [{ scheduler: 'pndm', steps: 1000 }, 'ERR_CONFIG', /steps/],
    'latents of another size': [
      { latents: { dtype: 'F32', shape, data: new Float32Array(256) }, width: 32 },
      'ERR_OUT_OF_RANGE', /for latents but received \[1, 4, 8, 8\]/,
    ],
    'an image that is too small': [{ image: { width: 4, height: 9, data: new Uint8Array(108) } }, 'ERR_IMAGE', /4 pixels/],
  }; // prettier-ignore

  for (const [name, [check, code, message]] of Object.entries(CASES)) {
    it(`is refused before the weights are read: ${name}`, async () => {
      cpSync(MODEL, path('sd'), { recursive: true });
      writeFileSync(path('sd', ...UNET), 'no weights');
      const error = await failure(TextToImage.load(path('sd'), { device: 'cpu', threads: 1, check: { prompt: 'a', ...check } }));
      assert.equal(error.code, code, error.message);
      assert.match(error.message, message);
    });
  }

  it('is checked as it would be drawn', async () => {
    const model = await TextToImage.load(MODEL, { device: 'cpu', threads: 1, check: { prompt: 'a', scheduler: 'lcm', steps: 50 } });
    model.dispose();
    assert.throws(() => TextToImage.load(MODEL, { check: { prompt: 'a', steps: 0 } }), RangeError);
  });

  it('leaves an image that is a stream to be read by the drawing', async () => {
    const image = createReadStream(join(__dirname, '..', 'data', 'samples', 'real-london-1.jpg'));
    const options: GenerateOptions = { prompt: 'a', steps: 2, strength: 0.5, width: 16, height: 16, image };
    const model = await TextToImage.load(MODEL, { device: 'cpu', threads: 1, check: options });
    assert.equal((await model.generate(options)).length, 1);
    model.dispose();
  });
});
