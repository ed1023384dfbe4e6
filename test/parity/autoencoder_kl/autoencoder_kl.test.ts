import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseVaeConfig } from '../../../ts/generate/config/vae-config.js';
import { callNative } from '../../../ts/native.js';
import type { NativeAutoencoderKl, NativeAutoencoderKlSpec, NativeMap, NativeVaeTiling } from '../../../ts/native/autoencoder-kl.js';
import { assertClose, relativeError } from '../../support/closeness.js';
import { floatsOf, readSafetensors } from '../../support/read-safetensors.js';

const CASES = ['plain', 'old-names', 'no-quant'];
const TILED = ['plain', 'no-quant'];
const WHOLE: NativeVaeTiling = { slicing: false, tiling: false };

const configOf = (name: string): unknown => JSON.parse(readFileSync(join(__dirname, name, 'config.json'), 'utf8'));

function load(name: string, changes: Partial<NativeAutoencoderKlSpec> = {}): Promise<NativeAutoencoderKl> {
  const spec: NativeAutoencoderKlSpec = {
    vae: parseVaeConfig(configOf(name), 'config.json'),
    weights: join(__dirname, name, 'diffusion_pytorch_model.safetensors'),
    device: 'cpu',
    dtype: 'fp32',
    batchSize: 1,
    height: 8,
    width: 8,
    ...changes,
  };
  return callNative(undefined, (addon, token) => addon.autoencoderKlLoad(spec, token));
}

function expectedOf(name: string) {
  const tensors = readSafetensors(join(__dirname, name, 'expected.safetensors'));
  const map = (key: string): NativeMap => {
    const [count, , height, width] = tensors.get(key)!.shape as [number, number, number, number];
    return { data: floatsOf(tensors, key), count, height, width };
  };
  return { pixels: map('pixels'), latents: map('latents'), values: (key: string) => floatsOf(tensors, key) };
}

const encode = (vae: NativeAutoencoderKl, map: NativeMap, tiling = WHOLE): Promise<Float32Array> =>
  callNative(undefined, (_, token) => vae.encode(map, tiling, token));
const decode = (vae: NativeAutoencoderKl, map: NativeMap, tiling = WHOLE): Promise<Float32Array> =>
  callNative(undefined, (_, token) => vae.decode(map, tiling, token));

describe('AutoencoderKL against diffusers', () => {
  for (const name of CASES) {
    it(`encodes and decodes as diffusers does: ${name}`, async () => {
      const { pixels, latents, values } = expectedOf(name);
      const vae = await load(name);
      assertClose(await encode(vae, pixels), values('moments'), 1e-5);
      assertClose(await decode(vae, latents), values('image'), 1e-5);
      vae.dispose();
    });
  }

  for (const name of TILED) {
    it(`blends tiles as diffusers does: ${name}`, async () => {
      const { pixels, latents, values } = expectedOf(name);
      const vae = await load(name);
      const tiling = { slicing: false, tiling: true };
      assertClose(await encode(vae, pixels, tiling), values('moments.tiled'), 1e-5);
      const image = await decode(vae, latents, tiling);
      assertClose(image, values('image.tiled'), 1e-5);
      assert.ok(relativeError(image, values('image')) > 1e-3, 'the tiles were not used');
      vae.dispose();
    });
  }

  it('cuts nothing that is not larger than a tile', async () => {
    const { pixels, latents, values } = expectedOf('old-names');
    const vae = await load('old-names');
    const tiling = { slicing: false, tiling: true };
    assertClose(await encode(vae, pixels, tiling), values('moments'), 1e-5);
    assertClose(await decode(vae, latents, tiling), values('image'), 1e-5);
    vae.dispose();
  });

  it('gives the same one image at a time, with and without tiles', async () => {
    const { pixels, latents, values } = expectedOf('plain');
    const vae = await load('plain');
    assertClose(await encode(vae, pixels, { slicing: true, tiling: false }), values('moments'), 1e-5);
    assertClose(await decode(vae, latents, { slicing: true, tiling: true }), values('image.tiled'), 1e-5);
    vae.dispose();
  });

  it('is near to fp32 in bf16, and not equal', async () => {
    const { latents, values } = expectedOf('plain');
    const vae = await load('plain', { dtype: 'bf16' });
    const error = relativeError(await decode(vae, latents), values('image'));
    assert.ok(error > 1e-5 && error < 0.1, `relative error ${error}`);
    vae.dispose();
  });

  it('refuses weights of another architecture, naming a tensor', async () => {
    const vae = parseVaeConfig({ ...(configOf('plain') as object), layers_per_block: 2 }, 'config.json');
    await assert.rejects(load('plain', { vae }), { code: 'ERR_WEIGHTS_MISSING', message: /resnets/ });
  });

  it('refuses maps that are too small, or NaN', async () => {
    const { latents } = expectedOf('plain');
    const vae = await load('plain');
    await assert.rejects(encode(vae, { data: new Float32Array(3), count: 1, height: 1, width: 1 }), { code: 'ERR_SHAPE' });
    await assert.rejects(decode(vae, { ...latents, count: 3 }), RangeError);
    const poisoned = { ...latents, data: latents.data.slice().fill(NaN, 0, 1) };
    await assert.rejects(decode(vae, poisoned), { code: 'ERR_NONFINITE' });
    vae.dispose();
  });
});
