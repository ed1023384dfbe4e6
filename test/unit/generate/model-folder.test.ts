import assert from 'node:assert/strict';
import { cpSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DeepcodeError } from '../../../ts/errors.js';
import { readModelFolder } from '../../../ts/generate/model-folder.js';
import { sharedPath } from '../../support/shared.js';
import { useTemporaryFolder } from '../../support/temporary-folder.js';

const FIXTURE = join(__dirname, '..', '..', 'parity', 'text_to_image', 'sd1');

describe('a model folder', () => {
  const path = useTemporaryFolder();
  const model = (...parts: string[]): string => path('sd', ...parts);
  beforeEach(() => cpSync(FIXTURE, model(), { recursive: true }));

  const read = (variant?: string, safety = true) => readModelFolder(model(), variant, safety);
  const fails = (code: string, pattern: RegExp, variant?: string): Promise<void> =>
    assert.rejects(read(variant), (error: unknown) => {
      assert.ok(error instanceof DeepcodeError, String(error));
      assert.equal(error.code, code);
      assert.match(error.message, pattern);
      assert.ok(!error.message.includes(path()), error.message);
      return true;
    });
  const edit = (change: (index: Record<string, unknown>) => void): void => {
    const index = JSON.parse(readFileSync(model('model_index.json'), 'utf8')) as Record<string, unknown>;
    change(index);
    writeFileSync(model('model_index.json'), JSON.stringify(index));
  };

  it('is read whole', async () => {
    const { textEncoder, unet, vae, scheduler, tokenizer, safetyChecker } = await read();
    assert.equal(unet.weights, model('unet', 'diffusion_pytorch_model.safetensors'));
    assert.equal(textEncoder.weights, model('text_encoder', 'model.safetensors'));
    assert.equal((vae.config as Record<string, unknown>)['latent_channels'], 4);
    assert.equal((scheduler.config as Record<string, unknown>)['_class_name'], 'PNDMScheduler');
    assert.equal(tokenizer, model('tokenizer'));
    assert.equal(safetyChecker, null);
  });

  const variants = {
    'its own name': 'diffusion_pytorch_model.half.safetensors',
    'an index': 'diffusion_pytorch_model.safetensors.index.half.json',
    "an index of another spelling": 'diffusion_pytorch_model.half.safetensors.index.json',
  };
  for (const [name, file] of Object.entries(variants)) {
    it(`takes the files of a variant by ${name}, and plain ones where it has none`, async () => {
      writeFileSync(model('unet', file), '');
      const { unet, vae } = await read('half');
      assert.equal(unet.weights, model('unet', file));
      assert.equal(vae.weights, model('vae', 'diffusion_pytorch_model.safetensors'));
    });
  }

  it('takes half precision where nothing else is', async () => {
    const half = model('unet', 'diffusion_pytorch_model.fp16.safetensors');
    renameSync(model('unet', 'diffusion_pytorch_model.safetensors'), half);
    assert.equal((await read()).unet.weights, half);
  });

  it('takes shards by their index', async () => {
    rmSync(model('unet', 'diffusion_pytorch_model.safetensors'));
    const index = model('unet', 'diffusion_pytorch_model.safetensors.index.json');
    writeFileSync(index, '{}');
    assert.equal((await read()).unet.weights, index);
  });

  it('names what is missing, all of it', async () => {
    rmSync(model('unet'), { recursive: true });
    rmSync(model('vae', 'diffusion_pytorch_model.safetensors'));
    rmSync(model('tokenizer', 'merges.txt'));
    await fails('ERR_IO', /unet\/config\.json, tokenizer\/merges\.txt, unet\/diffusion_pytorch_model\.safetensors, vae\/diffusion/);
  });

  it('names a variant that is nowhere', () => fails('ERR_IO', /variant nosuch/, 'nosuch'));

  it('is refused without model_index.json, or with one that is no JSON', async () => {
    writeFileSync(model('model_index.json'), '{');
    await fails('ERR_CONFIG', /not valid JSON/);
    rmSync(model('model_index.json'));
    await fails('ERR_IO', /model_index\.json cannot be read: there is no such file/);
  });

  const refusals: Record<string, (index: Record<string, unknown>) => void> = {
    _class_name: (index) => (index['_class_name'] = 'StableDiffusionXLPipeline'),
    unet: (index) => (index['unet'] = ['diffusers', 'UNet1DModel']),
    vae: (index) => delete index['vae'],
    text_encoder: (index) => (index['text_encoder'] = 'CLIPTextModel'),
    scheduler: (index) => (index['scheduler'] = [null, null]),
    image_encoder: (index) => (index['image_encoder'] = ['transformers', 'CLIPVisionModelWithProjection']),
  };
  for (const [field, change] of Object.entries(refusals)) {
    it(`of another kind is refused, naming ${field}`, async () => {
      edit(change);
      await fails('ERR_CONFIG', new RegExp(`for ${field} but found`));
    });
  }

  it('needs the files of a safety checker that it names, unless that is left out', async () => {
    edit((index) => (index['safety_checker'] = ['stable_diffusion', 'StableDiffusionSafetyChecker']));
    await fails('ERR_IO', /safety_checker\/config\.json, feature_extractor\/preprocessor_config\.json, safety_checker\/model\.safetensors not found\. safetyChecker: false/);
    assert.equal((await read(undefined, false)).safetyChecker, null);
    rmSync(model('vae', 'config.json'));
    await fails('ERR_IO', /safety_checker\/model\.safetensors not found\.$/);
  });

  it('of Stable Diffusion 1.5 lacks only its weights here', async function () {
    const sd15 = sharedPath('models/sd15');
    if (sd15 === undefined) return this.skip();
    await assert.rejects(readModelFolder(sd15, undefined, true), /tokenizer\/vocab\.json, tokenizer\/merges\.txt, text_encoder\/model\.safetensors, unet\/.* and 2 more/);
  });
});
