/** The same weights in other files: a single-file checkpoint, and LoRA files that were merged before or on load. */
import assert from 'node:assert/strict';
import { cpSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { TextToImage } from '../../ts/generate/text-to-image.js';
import type { TextToImageOptions } from '../../ts/generate/types.js';
import { callNative } from '../../ts/native.js';
import { setThreads } from '../../ts/runtime.js';
import { readSafetensors, writeSafetensors } from '../../ts/weights/safetensors.js';
import { toFloat32Array, type TensorData } from '../../ts/weights/tensor-data.js';
import { assertClose, relativeError } from '../support/closeness.js';
import { useTemporaryFolder } from '../support/temporary-folder.js';

const PARITY = join(__dirname, '..', 'parity');
const MODEL = join(PARITY, 'text_to_image', 'sd1');
const WEIGHTS = {
  unet: join('unet', 'diffusion_pytorch_model.safetensors'),
  vae: join('vae', 'diffusion_pytorch_model.safetensors'),
  text_encoder: join('text_encoder', 'model.safetensors'),
} as const;

/** The final latents of one image. */
async function draw(model: string, options: TextToImageOptions = {}): Promise<Float32Array> {
  const loaded = await TextToImage.load(model, { device: 'cpu', dtype: 'fp32', threads: 1, ...options });
  const [image] = await loaded.generate({ prompt: 'a house', steps: 3, seed: 5 });
  loaded.dispose();
  return toFloat32Array(image!.latents);
}

const matrix = (shape: [number, number], seed: number): TensorData => {
  const data = Float32Array.from({ length: shape[0] * shape[1] }, (_, i) => Math.sin(seed + 1.7 * i));
  return { dtype: 'F32', shape, data };
};

describe('TextToImage.load', () => {
  const temporary = useTemporaryFolder();
  after(() => setThreads(0));

  it('draws the same from a single file', async () => {
    const names = JSON.parse(readFileSync(join(PARITY, 'single_file', 'sd1-names.json'), 'utf8')) as Record<
      keyof typeof WEIGHTS,
      Record<string, string>
    >;
    const all: Record<string, TensorData> = {};
    for (const [part, file] of Object.entries(WEIGHTS)) {
      const { tensors } = await readSafetensors(join(MODEL, file));
      for (const [name, tensor] of tensors) all[names[part as keyof typeof WEIGHTS][name]!] = tensor;
    }
    await writeSafetensors(temporary('model.safetensors'), all);
    const drawn = await draw(temporary('model.safetensors'), { config: MODEL });
    assert.deepEqual(drawn, await draw(MODEL));
  });

  const ATTENTION = 'down_blocks.0.attentions.0.transformer_blocks.0.attn2';
  const UNET_LORA = {
    [`unet.${ATTENTION}.to_k.lora_A.weight`]: matrix([2, 16], 1),
    [`unet.${ATTENTION}.to_k.lora_B.weight`]: matrix([8, 2], 2),
    'lora_unet_mid_block_resnets_0_time_emb_proj.lora_down.weight': matrix([1, 32], 3),
    'lora_unet_mid_block_resnets_0_time_emb_proj.lora_up.weight': matrix([16, 1], 4),
  };
  const TEXT_LORA = {
    'lora_te_text_model_encoder_layers_0_self_attn_v_proj.lora_down.weight': matrix([2, 16], 5),
    'lora_te_text_model_encoder_layers_0_self_attn_v_proj.lora_up.weight': matrix([16, 2], 6),
  };

  it('merges a LoRA file into the UNet before the weights are laid out', async () => {
    const path = temporary('lora.safetensors');
    await writeSafetensors(path, UNET_LORA);
    const spec = {
      unet: join(MODEL, WEIGHTS.unet),
      textEncoder: join(MODEL, WEIGHTS.text_encoder),
      loras: [{ path, scale: 0.6 }],
    };
    const { unet, changedLayers } = await callNative(undefined, (addon, token) =>
      addon.diffusionLoraMerge(spec, token),
    );
    assert.equal(changedLayers, 2);
    cpSync(MODEL, temporary('merged'), { recursive: true });
    const { tensors } = await readSafetensors(spec.unet);
    const merged = [...tensors].map(([name, { shape }]): [string, TensorData] => [
      name,
      { dtype: 'F32', shape, data: Float32Array.from(unet[name]!) },
    ]);
    await writeSafetensors(temporary('merged', WEIGHTS.unet), Object.fromEntries(merged));
    const drawn = await draw(MODEL, { loras: [{ path, scale: 0.6 }] });
    assertClose(drawn, await draw(temporary('merged')), 1e-5);
    assert.ok(relativeError(drawn, await draw(MODEL)) > 1e-3, 'the LoRA file changed nothing');
  });

  it('merges a LoRA file into the text encoder, and nothing at a scale of 0', async () => {
    const path = temporary('lora.safetensors');
    await writeSafetensors(path, TEXT_LORA);
    const plain = await draw(MODEL);
    assert.deepEqual(await draw(MODEL, { loras: [{ path, scale: 0 }] }), plain);
    assert.ok(relativeError(await draw(MODEL, { loras: [{ path }] }), plain) > 1e-4, 'the LoRA file changed nothing');
  });

  it('refuses a LoRA file for another model, naming its keys', async () => {
    const path = temporary('other.safetensors');
    await writeSafetensors(path, { ...TEXT_LORA, 'lora_te2_text_model_encoder.alpha': matrix([1, 1], 1) });
    await assert.rejects(draw(MODEL, { loras: [{ path }] }), (error: Error & { code?: string }) => {
      assert.equal(error.code, 'ERR_WEIGHTS_UNEXPECTED');
      assert.match(error.message, new RegExp(`${basename(path)}.*lora_te2_text_model_encoder\\.alpha`));
      return true;
    });
  });
});
