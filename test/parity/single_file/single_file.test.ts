import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { callNative } from '../../../ts/native.js';
import type { StableDiffusionPart } from '../../../ts/native-diffusion-weights.js';
import { writeSafetensors } from '../../../ts/weights/safetensors.js';
import { readSafetensors } from '../../support/read-safetensors.js';
import { useTemporaryFolder } from '../../support/temporary-folder.js';

const PARTS = ['unet', 'vae', 'text_encoder'] as const;

interface Expected {
  /** The shape and the start of the SHA-256 of every tensor, by diffusers' name. */
  tensors: Record<StableDiffusionPart, Record<string, [number[], string]>>;
}

const read = (name: string): Expected => JSON.parse(readFileSync(join(__dirname, `${name}.json`), 'utf8')) as Expected;
const tensorsOf = (path: string, part: StableDiffusionPart) =>
  callNative(undefined, (addon) => addon.singleFileTensors(path, part));

/** A 1 x 1 convolution is a linear layer in diffusers' autoencoder. */
const withoutKernel = (shape: number[]): number[] => (shape.length === 4 && shape[2] === 1 ? shape.slice(0, 2) : shape);

describe("single-file checkpoints against diffusers' names", () => {
  for (const name of ['two-layers', 'one-layer']) {
    it(`finds every tensor: ${name}`, async () => {
      const path = join(__dirname, `${name}.safetensors`);
      const stored = readSafetensors(path);
      const { tensors: expected } = read(name);
      for (const part of PARTS) {
        const tensors = await tensorsOf(path, part);
        assert.deepEqual(tensors.map((tensor) => tensor.name).sort(), Object.keys(expected[part]).sort());
        for (const { name: key, original, shape } of tensors) {
          const [expectedShape, digest] = expected[part][key]!;
          const { data } = stored.get(original)!;
          assert.equal(createHash('sha256').update(data).digest('hex').slice(0, 16), digest, key);
          assert.deepEqual(withoutKernel(shape), withoutKernel(expectedShape), key);
        }
      }
    });
  }
});

describe('a single-file checkpoint', () => {
  const temporary = useTemporaryFolder();
  const scalar = { dtype: 'F32' as const, shape: [], data: Float32Array.of(1) };

  async function refuses(name: string, part: StableDiffusionPart, code: string): Promise<void> {
    const path = temporary('model.safetensors');
    await writeSafetensors(path, { [name]: scalar });
    await assert.rejects(tensorsOf(path, part), { code });
  }

  it('is refused where a network is not in it', async () => {
    await refuses('first_stage_model.decoder.conv_in.weight', 'unet', 'ERR_WEIGHTS_MISSING');
    await refuses('model.diffusion_model.out.0.weight', 'text_encoder', 'ERR_WEIGHTS_MISSING');
  });

  it('is refused when its text encoder is of Stable Diffusion 2 or XL', async () => {
    await refuses('cond_stage_model.model.ln_final.weight', 'unet', 'ERR_WEIGHTS_FORMAT');
    await refuses('conditioner.embedders.0.transformer.x', 'unet', 'ERR_WEIGHTS_FORMAT');
  });

  it('keeps a name that no network has, so that loading names it', async () => {
    const path = temporary('model.safetensors');
    const strange = [
      'model.diffusion_model.input_blocks.x.0.weight',
      'model.diffusion_model.input_blocks.1.7.weight',
      'model.diffusion_model.input_blocks.99999999999999999999.0.op.weight',
      'model.diffusion_model.output_blocks.0.3.weight',
      'model.diffusion_model.middle_block.9.weight',
      'model.diffusion_model.middle_block.0.no_such.weight',
      'first_stage_model.decoder.up.7.weight',
      'first_stage_model.decoder.mid.attn_1.no_such.weight',
    ];
    await writeSafetensors(path, Object.fromEntries(strange.map((name) => [name, scalar])));
    const names = [...(await tensorsOf(path, 'unet')), ...(await tensorsOf(path, 'vae'))].map(({ name }) => name);
    assert.deepEqual(names.sort(), [...strange].sort());
  });
});
