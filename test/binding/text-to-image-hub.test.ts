/** TextToImage from a model hub: what is fetched, what is not, and that the image is that of the folder. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { TextToImage } from '../../ts/generate/text-to-image.js';
import type { GeneratedImage, TextToImageOptions } from '../../ts/generate/types.js';
import { readSafetensors, writeSafetensors } from '../../ts/weights/safetensors.js';
import { startHub, type FakeHub } from '../support/hub-server.js';
import { useTemporaryFolder } from '../support/temporary-folder.js';

const MODEL = join(__dirname, '..', 'parity', 'text_to_image', 'sd1');
const UNET = 'unet/diffusion_pytorch_model';

type Files = Record<string, Buffer | string>;

const folderFiles = (): Files =>
  Object.fromEntries(
    (readdirSync(MODEL, { recursive: true }) as string[])
      .filter((name) => statSync(join(MODEL, name)).isFile())
      .map((name) => [name, readFileSync(join(MODEL, name))]),
  );

/** What published repositories hold besides. */
const OTHERS: Files = {
  'README.md': '# a model',
  'v1-5-pruned.safetensors': 'not wanted',
  [`${UNET}.bin`]: 'not wanted',
  [`${UNET}.non_ema.safetensors`]: 'not wanted',
  'safety_checker/model.safetensors': 'not wanted',
  'safety_checker/pytorch_model.bin': 'not wanted',
};

describe('TextToImage from a hub', () => {
  const path = useTemporaryFolder();
  const environment = { ...process.env };
  let hub: FakeHub | undefined;
  afterEach(async () => {
    await hub?.close();
    for (const name of ['HF_ENDPOINT', 'HF_HUB_CACHE', 'HF_HUB_OFFLINE']) {
      if (environment[name] === undefined) delete process.env[name];
      else process.env[name] = environment[name];
    }
  });

  async function serve(files: Files): Promise<void> {
    hub = await startHub(files);
    process.env.HF_ENDPOINT = hub.endpoint;
    process.env.HF_HUB_CACHE = path('cache');
    delete process.env.HF_HUB_OFFLINE;
  }

  async function draw(model: string, options: TextToImageOptions = {}): Promise<GeneratedImage> {
    const pipeline = await TextToImage.load(model, { device: 'cpu', dtype: 'fp32', threads: 1, ...options });
    try {
      return (await pipeline.generate({ prompt: 'a house', steps: 2, seed: 5 }))[0]!;
    } finally {
      pipeline.dispose();
    }
  }

  const fetched = (): string[] => hub!.storageRequests.map(({ path: name }) => decodeURIComponent(name.slice(1))).sort();

  it('fetches what the pipeline is made of, once, and nothing else', async () => {
    await serve({ ...folderFiles(), ...OTHERS });
    const image = await draw('org/model');
    assert.deepEqual(image.data, (await draw(MODEL)).data);
    assert.match(image.parameters, /Model: org\/model/);
    assert.deepEqual(fetched(), ['text_encoder/model.safetensors', `${UNET}.safetensors`, 'vae/diffusion_pytorch_model.safetensors']);
    await draw('org/model');
    assert.equal(fetched().length, 3);
  });

  it('fetches the shards of a variant, and plain files where there is no variant', async () => {
    const { [`${UNET}.safetensors`]: _, ...files } = folderFiles();
    const { tensors } = await readSafetensors(join(MODEL, `${UNET}.safetensors`));
    const map: Record<string, string> = {};
    for (const part of [1, 2]) {
      const name = `diffusion_pytorch_model.fp16-0000${part}-of-00002.safetensors`;
      const own = [...tensors].filter((__, place) => place % 2 === part - 1);
      await writeSafetensors(path(name), own);
      files[`unet/${name}`] = readFileSync(path(name));
      for (const [tensor] of own) map[tensor] = name;
    }
    files[`${UNET}.safetensors.index.fp16.json`] = JSON.stringify({ metadata: {}, weight_map: map });
    await serve({ ...files, ...OTHERS });
    assert.deepEqual((await draw('org/model', { variant: 'fp16' })).data, (await draw(MODEL)).data);
    assert.equal(fetched().filter((name) => name.startsWith('unet/')).length, 2);
    assert.equal(fetched().length, 4);
  });

  it('fetches no weights for a variant that is nowhere', async () => {
    await serve(folderFiles());
    await assert.rejects(draw('org/model', { variant: 'nosuch' }), { code: 'ERR_IO', message: 'org/model has no weights of the variant nosuch.' });
    assert.deepEqual(fetched(), []);
  });

  it('fetches half precision where a repository has nothing else', async () => {
    const files = folderFiles();
    files['vae/diffusion_pytorch_model.fp16.safetensors'] = files['vae/diffusion_pytorch_model.safetensors']!;
    delete files['vae/diffusion_pytorch_model.safetensors'];
    await serve({ ...files, 'unet/diffusion_pytorch_model.fp16.safetensors': 'not wanted' });
    assert.deepEqual((await draw('org/model')).data, (await draw(MODEL)).data);
    assert.deepEqual(fetched().filter((name) => name.includes('fp16')), ['vae/diffusion_pytorch_model.fp16.safetensors']);
  });

  it('fetches a safety checker that the model has, unless it is left out', async () => {
    const files: Files = { ...folderFiles(), 'safety_checker/config.json': '{}', 'safety_checker/model.safetensors': 'damaged' };
    const index = JSON.parse(String(files['model_index.json'])) as Record<string, unknown>;
    files['model_index.json'] = JSON.stringify({ ...index, safety_checker: ['stable_diffusion', 'StableDiffusionSafetyChecker'] });
    await serve(files);
    await draw('org/model', { safetyChecker: false });
    assert.equal(fetched().length, 3);
    const lacks = /^org\/model is not complete: feature_extractor\/preprocessor_config\.json not found/;
    await assert.rejects(draw('org/model'), { code: 'ERR_IO', message: lacks });
    assert.ok(fetched().includes('safety_checker/model.safetensors'));
  });

  it('checks what it has in its cache, and names what a repository lacks', async () => {
    await serve(folderFiles());
    await draw('org/model');
    const folder = path('cache', 'models--org--model', 'blobs');
    const blobs = readdirSync(folder).map((name) => join(folder, name));
    const largest = blobs.sort((a, b) => statSync(b).size - statSync(a).size)[0]!;
    writeFileSync(largest, Buffer.alloc(statSync(largest).size));
    await draw('org/model');
    assert.equal(fetched().length, 4);
    hub!.files.delete('vae/diffusion_pytorch_model.safetensors');
    hub!.commit = '0'.repeat(40);
    await assert.rejects(draw('org/model'), { code: 'ERR_IO', message: /^org\/model is not complete: vae\/diffusion_pytorch_model\.safetensors not found/ });
  });
});
