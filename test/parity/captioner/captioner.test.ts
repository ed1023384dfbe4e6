import assert from 'node:assert/strict';
import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseImageProcessor } from '../../../ts/caption/image-processor.js';
import { ImageCaptioner, type CaptionerOptions, type CaptionOptions } from '../../../ts/caption/index.js';
import { TextDecoder } from '../../../ts/caption/text-decoder.js';
import { prepareImage } from '../../../ts/data/preprocess.js';
import { runtimeInfo } from '../../../ts/runtime.js';
import { readSafetensors } from '../../support/read-safetensors.js';
import { sharedPath } from '../../support/shared.js';
import { useTemporaryFolder } from '../../support/temporary-folder.js';

interface Case {
  image: string;
  num_beams: number;
  early_stopping: boolean | 'never';
  length_penalty: number;
  max_length: number;
  num_return_sequences: number;
  found: { ids: number[]; score: number; text: string }[];
}

const at = (...parts: string[]): string => join(__dirname, ...parts);
const image = (name: string): string => at(`${name}.png`);
const expected = JSON.parse(readFileSync(at('expected.json'), 'utf8')) as Record<string, Case[]>;

const optionsOf = (given: Case): CaptionOptions => ({
  beams: given.num_beams,
  count: given.num_return_sequences,
  maxLength: given.max_length,
  lengthPenalty: given.length_penalty,
  earlyStopping: given.early_stopping === 'never' ? 'never' : given.early_stopping ? 'yes' : 'no',
});

describe('captions against transformers', () => {
  for (const [name, cases] of Object.entries(expected)) {
    it(`gives the tokens, scores and texts of generate in ${cases.length} settings: ${name}`, async () => {
      const captioner = await ImageCaptioner.load(at(name), { device: 'cpu' });
      for (const given of cases) {
        const { found, ...setting } = given;
        const { captions } = await captioner.caption(image(given.image), optionsOf(given));
        const what = JSON.stringify(setting);
        assert.deepEqual(captions.map(({ ids }) => [...ids]), found.map(({ ids }) => ids), what);
        assert.deepEqual(captions.map(({ text }) => text), found.map(({ text }) => text), what);
        captions.forEach(({ score }, i) => {
          const error = Math.abs(score - found[i]!.score) / Math.abs(found[i]!.score);
          assert.ok(error <= 1e-4, `score ${score} instead of ${found[i]!.score}: ${what}`);
        });
      }
      captioner.dispose();
    });
  }

  it('has fixtures with captions of many lengths, with and without an end', () => {
    const found = Object.values(expected).flatMap((cases) => cases.flatMap((one) => one.found));
    assert.ok(new Set(found.map(({ ids }) => ids.length)).size > 5);
    assert.ok(found.some(({ ids }) => ids.at(-1) !== ids[0]));
    assert.ok(found.some(({ ids }) => ids.at(-1) === ids[0]));
  });

  it('resizes images as ViTImageProcessor does', async () => {
    const crops = readSafetensors(at('crops.safetensors'));
    const config: unknown = JSON.parse(readFileSync(at('plain', 'preprocessor_config.json'), 'utf8'));
    for (const name of ['a', 'b']) {
      const pixels = await prepareImage(image(name), parseImageProcessor(config, 24, 'preprocessor_config.json'));
      assert.deepEqual([...pixels], [...crops.get(name)!.data]);
    }
  });
});

describe('ImageCaptioner', () => {
  const inFolder = useTemporaryFolder();

  it('stops when it is told to, and works on', async () => {
    const captioner = await ImageCaptioner.load(at('endless'));
    const abort = new AbortController();
    const running = captioner.caption(image('a'), { maxLength: 24, signal: abort.signal });
    abort.abort();
    await assert.rejects(running, { name: 'AbortError' });
    const first = await captioner.caption(image('a'));
    assert.deepEqual(await captioner.caption(image('a')), first);
    await assert.rejects(captioner.caption(Buffer.from('no image')), { code: 'ERR_IMAGE' });
    assert.throws(() => captioner.caption(image('a'), { maxLength: 25 }), { code: 'ERR_OUT_OF_RANGE' });
    captioner.dispose();
    captioner.dispose();
    await assert.rejects(captioner.caption(image('a')), { code: 'ERR_DISPOSED' });
  });

  it('computes in bf16 and with the threads it is told, and refuses what a processor cannot do', async () => {
    const read = async (options: CaptionerOptions) => {
      using captioner = await ImageCaptioner.load(at('plain'), { device: 'cpu', ...options });
      return (await captioner.caption(image('a'), { count: 4 })).captions;
    };
    const [exact, threaded, rounded] = [await read({}), await read({ threads: 1 }), await read({ dtype: 'bf16' })];
    assert.deepEqual(threaded.map(({ ids }) => ids), exact.map(({ ids }) => ids));
    // Of 8 bits of mantissa: near, and not the same.
    const error = Math.abs(rounded[0]!.score - exact[0]!.score) / Math.abs(exact[0]!.score);
    assert.ok(error > 0 && error < 0.05, `${error}`);
    await assert.rejects(read({ dtype: 'fp16' }), { code: 'ERR_DTYPE' });
    if (!runtimeInfo().cuda.available) await assert.rejects(read({ device: 'cuda' }), { code: 'ERR_DEVICE' });
  });

  const broken: [string, string, (config: Record<string, Record<string, unknown>>) => void][] = [
    ['another encoder', 'ERR_CONFIG', (config) => (config.encoder!.model_type = 'swin')],
    ['an output of its own', 'ERR_CONFIG', (config) => (config.decoder!.tie_word_embeddings = false)],
    ['more layers than the file has', 'ERR_WEIGHTS_MISSING', (config) => (config.decoder!.n_layer = 3)],
    ['fewer layers than the file has', 'ERR_WEIGHTS_UNEXPECTED', (config) => (config.encoder!.num_hidden_layers = 1)],
    ['another vocabulary', 'ERR_CONFIG', (config) => (config.decoder!.vocab_size = 100)],
  ];
  for (const [what, code, change] of broken) {
    it(`refuses a config with ${what}`, async () => {
      cpSync(at('plain'), inFolder('model'), { recursive: true });
      const config = JSON.parse(readFileSync(inFolder('model', 'config.json'), 'utf8')) as Record<string, Record<string, unknown>>;
      change(config);
      writeFileSync(inFolder('model', 'config.json'), JSON.stringify(config));
      await assert.rejects(ImageCaptioner.load(inFolder('model')), { code });
    });
  }

  it('names a file that is missing', async () => {
    for (const name of ['config.json', 'preprocessor_config.json', 'vocab.json', 'merges.txt', 'model.safetensors']) {
      cpSync(at('plain'), inFolder('model'), { recursive: true });
      rmSync(inFolder('model', name));
      await assert.rejects(ImageCaptioner.load(inFolder('model')), (error: Error & { code: string }) => {
        assert.equal(error.code, 'ERR_IO');
        assert.ok(error.message.includes(name), error.message);
        return true;
      });
    }
  });
});

describe('TextDecoder', () => {
  it("reads the tokens of GPT-2's real vocabulary, with bytes of one letter apart", function () {
    const folder = sharedPath('models/vocab/gpt2');
    if (folder === undefined) return this.skip();
    const vocabulary = JSON.parse(readFileSync(join(folder, 'encoder.json'), 'utf8')) as Record<string, number>;
    const lines = readFileSync(join(folder, 'vocab.bpe'), 'utf8').split('\n').slice(1);
    const merges = lines.filter((line) => line !== '').map((line) => line.split(' ') as [string, string]);
    const decoder = new TextDecoder({ vocabulary, merges }, [50256]);
    // Of transformers' GPT2Tokenizer: "a man in a red hat standing next to a dog" and "naïve 日本".
    assert.equal(decoder.decode([50256, 64, 582, 287, 257, 2266, 6877, 5055, 1306, 284, 257, 3290, 50256]), 'a man in a red hat standing next to a dog');
    assert.equal(decoder.decode([2616, 38776, 10545, 245, 98, 17312, 105]), 'naïve 日本');
    assert.equal(decoder.decode([50256, 50256]), '');
  });
});
