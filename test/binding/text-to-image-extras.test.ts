/** What comes beside a model: a safety checker, LoRA files, shards, half precision. */
import assert from 'node:assert/strict';
import { cpSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { TextToImage } from '../../ts/generate/text-to-image.js';
import type { GeneratedImage, TextToImageOptions } from '../../ts/generate/types.js';
import { readSafetensors, writeSafetensors } from '../../ts/weights/safetensors.js';
import type { TensorData } from '../../ts/weights/tensor-data.js';
import { useTemporaryFolder } from '../support/temporary-folder.js';

const PARITY = join(__dirname, '..', 'parity');
const MODEL = join(PARITY, 'text_to_image', 'sd1');
const SAFETY = join(PARITY, 'safety_checker');

const floats = (shape: number[], value: (i: number) => number): TensorData => ({
  dtype: 'F32',
  shape,
  data: Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => value(i)),
});

describe('TextToImage with', () => {
  const path = useTemporaryFolder();

  async function draw(folder: string, options: TextToImageOptions = {}): Promise<GeneratedImage> {
    const model = await TextToImage.load(folder, { device: 'cpu', dtype: 'fp32', threads: 1, ...options });
    const [image] = await model.generate({ prompt: 'a house', steps: 2, seed: 5 });
    model.dispose();
    return image!;
  }

  describe('a safety checker', () => {
    /** The model with one that finds everything (thresholds of -2), or nothing. */
    async function withChecker(threshold: number): Promise<string> {
      const folder = path(`checked${threshold}`);
      cpSync(MODEL, folder, { recursive: true });
      for (const part of ['safety_checker', 'feature_extractor']) mkdirSync(join(folder, part));
      cpSync(join(SAFETY, 'config.json'), join(folder, 'safety_checker', 'config.json'));
      cpSync(join(SAFETY, 'preprocessor_config.json'), join(folder, 'feature_extractor', 'preprocessor_config.json'));
      const { tensors } = await readSafetensors(join(SAFETY, 'model.safetensors'));
      for (const name of ['concept_embeds_weights', 'special_care_embeds_weights']) {
        tensors.set(name, floats([...tensors.get(name)!.shape], () => threshold));
      }
      await writeSafetensors(join(folder, 'safety_checker', 'model.safetensors'), tensors);
      const index = JSON.parse(readFileSync(join(folder, 'model_index.json'), 'utf8')) as Record<string, unknown>;
      index['safety_checker'] = ['stable_diffusion', 'StableDiffusionSafetyChecker'];
      writeFileSync(join(folder, 'model_index.json'), JSON.stringify(index));
      return folder;
    }

    it('blanks an image and says so', async () => {
      const image = await draw(await withChecker(-2));
      assert.equal(image.flagged, true);
      assert.ok(image.data.every((value) => value === 0));
      assert.equal((await draw(path('checked-2'), { safetyChecker: false })).flagged, false);
    });

    it('leaves other images as they are', async () => {
      const image = await draw(await withChecker(2));
      assert.equal(image.flagged, false);
      assert.deepEqual(image.data, (await draw(MODEL)).data);
    });
  });

  describe('a LoRA file', () => {
    const LAYER = 'unet.down_blocks.0.attentions.0.transformer_blocks.0.attn2.to_k';
    const write = (): Promise<void> =>
      writeSafetensors(path('ink.safetensors'), {
        [`${LAYER}.lora_A.weight`]: floats([2, 16], (i) => Math.sin(i)),
        [`${LAYER}.lora_B.weight`]: floats([8, 2], (i) => Math.cos(i)),
      });
    const lora = (scale?: number): TextToImageOptions => ({ loras: [{ path: path('ink.safetensors'), scale }] });

    it('draws something else, by its scale', async () => {
      await write();
      const [plain, none, one, two] = [await draw(MODEL), await draw(MODEL, lora(0)), await draw(MODEL, lora()), await draw(MODEL, lora(2))];
      assert.deepEqual(none.data, plain.data);
      assert.notDeepEqual(one.latents, plain.latents);
      assert.notDeepEqual(two.latents, one.latents);
      assert.match(one.parameters, /Lora: "ink\.safetensors:1"/);
    });

    it('that is not there is missed before a model is looked for, which may be a download', async () => {
      await assert.rejects(draw('nobody/nothing', { loras: [{ path: path('none.safetensors') }] }), { code: 'ERR_IO', message: /no LoRA file/ });
    });

    it('of another network is refused', async () => {
      await writeSafetensors(path('ink.safetensors'), {
        'unet.nowhere.lora_A.weight': floats([2, 8], () => 1),
        'unet.nowhere.lora_B.weight': floats([8, 2], () => 1),
      });
      await assert.rejects(draw(MODEL, lora()), { code: 'ERR_WEIGHTS_UNEXPECTED', message: /nowhere/ });
    });
  });

  it("the size that diffusers' first versions left out", async () => {
    cpSync(MODEL, path('early'), { recursive: true });
    const file = path('early', 'unet', 'config.json');
    const config = JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>;
    const sizeOf = async (changes: object): Promise<number> => {
      writeFileSync(file, JSON.stringify({ ...config, ...changes }));
      const model = await TextToImage.load(path('early'), { device: 'cpu', threads: 1 });
      model.dispose();
      return model.info.defaultSize;
    };
    assert.equal(await sizeOf({ _diffusers_version: '0.8.1' }), 128);
    assert.equal(await sizeOf({ _diffusers_version: '0.8.1', sample_size: 96 }), 192);
    assert.equal(await sizeOf({ _diffusers_version: '0.9.0' }), 32);
  });

  it('weights in two shards', async () => {
    const folder = path('sharded');
    cpSync(MODEL, folder, { recursive: true });
    const file = (name: string): string => join(folder, 'unet', name);
    const { tensors } = await readSafetensors(file('diffusion_pytorch_model.safetensors'));
    rmSync(file('diffusion_pytorch_model.safetensors'));
    const shards = ['a.safetensors', 'b.safetensors'];
    const all = [...tensors];
    const map: Record<string, string> = {};
    for (const [i, shard] of shards.entries()) {
      const part = all.filter((_, place) => place % 2 === i);
      await writeSafetensors(file(shard), part);
      for (const [name] of part) map[name] = shard;
    }
    writeFileSync(file('diffusion_pytorch_model.safetensors.index.json'), JSON.stringify({ weight_map: map }));
    assert.deepEqual((await draw(folder)).data, (await draw(MODEL)).data);
  });

  it('files of a variant', async () => {
    const folder = path('variant');
    cpSync(MODEL, folder, { recursive: true });
    for (const [part, stem] of [['unet', 'diffusion_pytorch_model'], ['vae', 'diffusion_pytorch_model'], ['text_encoder', 'model']] as const) {
      renameSync(join(folder, part, `${stem}.safetensors`), join(folder, part, `${stem}.fp16.safetensors`));
    }
    assert.deepEqual((await draw(folder, { variant: 'fp16' })).data, (await draw(MODEL)).data);
  });

  it('bf16, near to fp32', async () => {
    const [exact, rounded] = [await draw(MODEL), await draw(MODEL, { dtype: 'bf16' })];
    assert.notDeepEqual(rounded.latents, exact.latents);
    const off = rounded.data.reduce((sum, value, i) => sum + Math.abs(value - exact.data[i]!), 0) / exact.data.length;
    assert.ok(off < 10, `grey levels differ by ${off} on average`);
  });
});
