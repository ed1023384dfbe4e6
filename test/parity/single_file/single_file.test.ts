import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readSingleFile } from '../../../ts/generate/single-file.js';
import { callNative } from '../../../ts/native.js';
import type { StableDiffusionPart } from '../../../ts/native/diffusion-weights.js';
import { writeSafetensors } from '../../../ts/weights/safetensors.js';
import { readSafetensors } from '../../support/read-safetensors.js';
import { sharedPath } from '../../support/shared.js';
import { useTemporaryFolder } from '../../support/temporary-folder.js';

const PARTS = ['unet', 'vae', 'text_encoder'] as const;

interface Expected {
  configs: Record<StableDiffusionPart, Record<string, unknown>>;
  /** The shape and the start of the SHA-256 of every tensor, by diffusers' name. */
  tensors: Record<StableDiffusionPart, Record<string, [number[], string]>>;
}

const FILE = join(__dirname, 'model.safetensors');
const EXPECTED = JSON.parse(readFileSync(join(__dirname, 'expected.json'), 'utf8')) as Expected;
const tensorsOf = (path: string, part: StableDiffusionPart) =>
  callNative(undefined, (addon) => addon.singleFileTensors(path, part));

/** A 1 x 1 convolution is a linear layer in diffusers' autoencoder. */
const withoutKernel = (shape: number[]): number[] => (shape.length === 4 && shape[2] === 1 ? shape.slice(0, 2) : shape);

describe("single-file checkpoints against diffusers' names", () => {
  it('finds every tensor', async () => {
    const stored = readSafetensors(FILE);
    for (const part of PARTS) {
      const tensors = await tensorsOf(FILE, part);
      assert.deepEqual(tensors.map((tensor) => tensor.name).sort(), Object.keys(EXPECTED.tensors[part]).sort());
      for (const { name, original, shape } of tensors) {
        const [expectedShape, digest] = EXPECTED.tensors[part][name]!;
        const { data } = stored.get(original)!;
        assert.equal(createHash('sha256').update(data).digest('hex').slice(0, 16), digest, name);
        assert.deepEqual(withoutKernel(shape), withoutKernel(expectedShape), name);
      }
    }
  });
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

describe('readSingleFile', () => {
  const temporary = useTemporaryFolder();
  const VOCABULARY = join(__dirname, '../clip_tokenizer/small');

  /** The file in a folder of its own, with a vocabulary beside it. */
  function place(tokenizer = 'tokenizer'): string {
    cpSync(VOCABULARY, temporary(tokenizer), { recursive: true });
    cpSync(FILE, temporary('model.safetensors'));
    return temporary('model.safetensors');
  }

  /** What a shape cannot show differs from Stable Diffusion's in these tiny networks. */
  const HIDDEN = ['norm_num_groups', 'attention_head_dim', 'sample_size', 'num_attention_heads'];

  it('takes sizes from the tensors', async () => {
    const { textEncoder, unet, vae, safetyChecker, tokenizer } = await readSingleFile(place());
    for (const [part, { config, weights }] of Object.entries({ unet, vae, text_encoder: textEncoder })) {
      const configs = EXPECTED.configs[part as StableDiffusionPart];
      const inferred = config as Record<string, unknown>;
      for (const [field, value] of Object.entries(configs).filter(([name]) => !HIDDEN.includes(name))) {
        assert.deepEqual(inferred[field], value, `${part}.${field}`);
      }
      assert.equal(weights, temporary('model.safetensors'));
    }
    assert.equal(safetyChecker, null);
    assert.equal(tokenizer, temporary('tokenizer'));
  });

  it("has what Stable Diffusion 1.5's configs say, for what no shape shows", async function () {
    const folder = sharedPath('models/sd15');
    if (folder === undefined) {
      this.test!.skipReason = 'shared/models/sd15 is absent';
      this.skip();
    }
    const model = await readSingleFile(place());
    const fields = {
      unet: HIDDEN.slice(0, 3),
      vae: ['norm_num_groups', 'sample_size', 'act_fn'],
      scheduler: undefined,
    };
    for (const [part, names] of Object.entries(fields)) {
      const { config } = model[part as 'unet' | 'vae' | 'scheduler'];
      const file = part === 'scheduler' ? 'scheduler_config.json' : 'config.json';
      const real = JSON.parse(readFileSync(join(folder!, part, file), 'utf8')) as Record<string, unknown>;
      for (const name of names ?? Object.keys(real).filter((key) => !key.startsWith('_diffusers'))) {
        assert.deepEqual((config as Record<string, unknown>)[name], real[name], `${part}.${name}`);
      }
    }
  });

  it('takes configs and the vocabulary from a folder', async () => {
    const path = place('configs/tokenizer');
    mkdirSync(temporary('configs/unet'));
    writeFileSync(temporary('configs/unet/config.json'), '{"norm_num_groups":4}');
    const { unet, vae, tokenizer } = await readSingleFile(path, { configFolder: temporary('configs') });
    assert.deepEqual(unet.config, { norm_num_groups: 4 });
    assert.equal(unet.where, join('configs', 'unet', 'config.json'));
    assert.deepEqual((vae.config as Record<string, unknown>)['block_out_channels'], [4, 8]);
    assert.equal(tokenizer, temporary('configs/tokenizer'));
  });

  it('says where the vocabulary can be when the hub cannot give it', async () => {
    const { HF_HUB_OFFLINE, HF_HUB_CACHE } = process.env;
    Object.assign(process.env, { HF_HUB_OFFLINE: '1', HF_HUB_CACHE: temporary('cache') });
    try {
      cpSync(FILE, temporary('model.safetensors'));
      const message = /^Put vocab\.json and merges\.txt beside model\.safetensors, or name their folder \(config\)\. openai\/clip/;
      await assert.rejects(readSingleFile(temporary('model.safetensors')), { code: 'ERR_OFFLINE', message });
    } finally {
      for (const [name, value] of Object.entries({ HF_HUB_OFFLINE, HF_HUB_CACHE })) {
        if (value === undefined) delete process.env[name];
        else process.env[name] = value;
      }
    }
  });

  it('refuses a config folder that is not there', async () => {
    const options = { configFolder: temporary('none') };
    await assert.rejects(readSingleFile(place(), options), { code: 'ERR_IO', message: /config folder/ });
  });

  it('refuses a file that is no checkpoint, and one of a network alone', async () => {
    writeFileSync(temporary('text.safetensors'), 'not a checkpoint');
    await assert.rejects(readSingleFile(temporary('text.safetensors')), { code: 'ERR_WEIGHTS_FORMAT' });
    await assert.rejects(readSingleFile(temporary('none.safetensors')), { code: 'ERR_IO' });
    await writeSafetensors(temporary('part.safetensors'), {
      'model.diffusion_model.out.2.weight': { dtype: 'F32', shape: [1], data: Float32Array.of(1) },
    });
    await assert.rejects(readSingleFile(temporary('part.safetensors')), { code: 'ERR_WEIGHTS_MISSING' });
  });
});
