/** Captioners that are not what they should be: a typed error at once, in little memory, and the next call works. */
import assert from 'node:assert/strict';
import { cpSync, mkdirSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ImageCaptioner } from '../../ts/caption/index.js';
import { DeepcodeError } from '../../ts/errors.js';
import { readSafetensors, writeSafetensors } from '../../ts/weights/safetensors.js';
import type { TensorData } from '../../ts/weights/tensor-data.js';
import { peakMemory, resetPeakMemory } from '../support/peak-memory.js';
import { useTemporaryFolder } from '../support/temporary-folder.js';

const FIXTURES = join(__dirname, '..', 'parity', 'captioner');
const MODEL = join(FIXTURES, 'plain');
const IMAGE = join(FIXTURES, 'a.png');
const WEIGHTS = 'model.safetensors';
const MAX_SECONDS = 2;
const MAX_BYTES = 64 * 2 ** 20;
const WRONG_WEIGHTS = /^ERR_WEIGHTS_(MISSING|UNEXPECTED|SHAPE|FORMAT|NONFINITE)$/;

type Json = Record<string, unknown>;

describe('a hostile captioner', () => {
  const path = useTemporaryFolder();
  const model = (...parts: string[]): string => path('captioner', ...parts);
  // The first load takes the memory of libtorch, too.
  before(async () => (await ImageCaptioner.load(MODEL, { device: 'cpu' })).dispose());
  beforeEach(() => cpSync(MODEL, model(), { recursive: true }));

  /** What loading it fails with, checked against the rules for bad input. */
  async function refusal(): Promise<DeepcodeError> {
    const size = statSync(model(WEIGHTS), { throwIfNoEntry: false })?.size ?? 0;
    resetPeakMemory();
    const [before, start] = [process.memoryUsage.rss(), performance.now()];
    const failure = await ImageCaptioner.load(model(), { device: 'cpu' }).then(
      (captioner) => captioner.dispose(),
      (error: unknown) => error,
    );
    assert.ok(failure instanceof DeepcodeError, failure === undefined ? 'it was loaded' : (failure as Error).stack);
    assert.ok((performance.now() - start) / 1e3 < MAX_SECONDS, 'it took too long');
    assert.ok(peakMemory() - before < size + MAX_BYTES, 'it took too much memory');
    assert.ok(failure.message.length <= 300 && !failure.message.includes(path()), failure.message);
    return failure;
  }

  const edit = (file: string, change: (json: Json) => void): void => {
    const json = JSON.parse(readFileSync(model(file), 'utf8')) as Json;
    change(json);
    writeFileSync(model(file), JSON.stringify(json));
  };
  const editPart = (part: 'encoder' | 'decoder', field: string, value: unknown): void =>
    edit('config.json', (json) => ((json[part] as Json)[field] = value));

  const SIZES = {
    encoder: ['hidden_size', 'num_hidden_layers', 'num_attention_heads', 'intermediate_size', 'image_size', 'patch_size', 'num_channels'],
    decoder: ['n_embd', 'n_layer', 'n_head', 'n_positions', 'n_inner', 'vocab_size'],
  } as const;
  const NO_SIZES = ['wide', '8', '__proto__', -1, 0, 1.5, 1e308, 2 ** 53, true, {}, [], [[]], ['8']];
  /** Allowed by themselves, but the weights are others. */
  const OTHER_SIZES = [64, 1000, 4096, 65_536, 1_000_000];

  for (const [part, fields] of Object.entries(SIZES) as ['encoder' | 'decoder', readonly string[]][]) {
    for (const field of fields) {
      it(`is refused for any ${part}.${field} that is no size`, async () => {
        for (const value of NO_SIZES) {
          editPart(part, field, value);
          assert.equal((await refusal()).code, 'ERR_CONFIG', `${field}: ${JSON.stringify(value)}`);
        }
      });

      it(`is refused for any ${part}.${field} that its weights do not have, before memory is taken for it`, async () => {
        for (const value of OTHER_SIZES) {
          editPart(part, field, value);
          const { code, message } = await refusal();
          assert.ok(code === 'ERR_CONFIG' || WRONG_WEIGHTS.test(code), `${field}: ${value}: ${message}`);
        }
      });
    }
  }

  const CONFIGS: Record<string, [text: string, code: string]> = {
    'is empty': ['', 'ERR_CONFIG'],
    'is cut off': ['{"model_type": "vision-enc', 'ERR_CONFIG'],
    'has NaN for a size': ['{"model_type":"vision-encoder-decoder","decoder":{"n_embd":NaN}}', 'ERR_CONFIG'],
    'is a list': ['[]', 'ERR_CONFIG'],
    'is null': ['null', 'ERR_CONFIG'],
    'is binary': ['\0\x01\x02', 'ERR_CONFIG'],
    'is nested without end': ['['.repeat(100_000), 'ERR_CONFIG'],
    'has no encoder': ['{"decoder":{"model_type":"gpt2","add_cross_attention":true}}', 'ERR_CONFIG'],
    'has no decoder': ['{"encoder":{"model_type":"vit"}}', 'ERR_CONFIG'],
    'has a list for a decoder': ['{"encoder":{},"decoder":[]}', 'ERR_CONFIG'],
    'says nothing': ['{"encoder":{},"decoder":{},"eos_token_id":1,"bos_token_id":1}', 'ERR_CONFIG'],
  };
  for (const [what, [text, code]] of Object.entries(CONFIGS)) {
    it(`is refused for a config.json that ${what}`, async () => {
      rmSync(model('generation_config.json'), { force: true });
      writeFileSync(model('config.json'), text);
      assert.equal((await refusal()).code, code);
    });
  }

  it('is refused for start and end tokens that are none', async () => {
    for (const name of ['decoder_start_token_id', 'eos_token_id']) {
      for (const value of [-1, 1e9, 0.5, '0', [0], true]) {
        edit('generation_config.json', (json) => (json[name] = value));
        assert.equal((await refusal()).code, 'ERR_CONFIG', `${name}: ${JSON.stringify(value)}`);
      }
      cpSync(join(MODEL, 'generation_config.json'), model('generation_config.json'));
    }
  });

  const PROCESSOR: readonly [field: string, values: readonly unknown[]][] = [
    ['size', [23, 1e9, '24', { height: 24 }, { height: 24, width: null }, { shortest_edge: 24 }]],
    ['image_mean', [[0.5], ['a', 'b', 'c'], [0.5, 0.5, null], [0.5, 0.5, 1e308], 0.5, {}]],
    ['image_std', [[0, 0, 0], [-1, 1, 1], [0.5, 0.5], 'one']],
    ['resample', ['bicubic', 99, -1, 1.5, 'length', '__proto__', []]],
    ['rescale_factor', ['x', 1, 0, {}]],
    ['do_resize', [false, 0, 'true']],
    ['do_normalize', [false]],
    ['do_center_crop', [true, 'yes']],
  ];
  for (const [field, values] of PROCESSOR) {
    it(`is refused for another ${field} of its preprocessor`, async () => {
      for (const value of values) {
        edit('preprocessor_config.json', (json) => (json[field] = value));
        assert.equal((await refusal()).code, 'ERR_CONFIG', JSON.stringify(value));
      }
    });
  }

  const VOCABULARIES: Record<string, string> = {
    'is empty': '',
    'has no token': '{}',
    'is a list': '["a"]',
    'has negative ids': '{"a":-1}',
    'has ids that are no integers': '{"a":0.5}',
    'has ids that are text': '{"a":"0"}',
    'has an id twice': '{"a":0,"b":0}',
    'has a token that the model does not know': '{"a":999999}',
    'has an id beyond counting': '{"a":1e300}',
    'has more tokens than there are': `{${Array.from({ length: 1_000_001 }, (_, i) => `"${i}":${i}`).join()}}`,
  };
  for (const [what, text] of Object.entries(VOCABULARIES)) {
    it(`is refused for a vocab.json that ${what}`, async () => {
      writeFileSync(model('vocab.json'), text);
      assert.equal((await refusal()).code, 'ERR_CONFIG');
    });
  }

  for (const [what, text] of [
    ['is binary', '\0\0\0'],
    ['has one token a line', '#version: 0.2\na\n'],
    ['has three tokens a line', 'a b c\n'],
    ['joins what is no token', '\u{1f600} \u{1f601}\n'],
  ] as const) {
    it(`is refused for a merges.txt that ${what}`, async () => {
      writeFileSync(model('merges.txt'), text);
      assert.equal((await refusal()).code, 'ERR_CONFIG');
    });
  }

  for (const text of ['', '{}', '{"model":[]}', '{"model":{"vocab":{"a":0}}}', '{"model":{"vocab":{"a":0},"merges":"a b"}}', '{"model":{"vocab":{"a":0},"merges":[["a"]]}}', '{"model":{"vocab":{"a":0},"merges":[[1,2]]}}']) {
    it(`is refused for the tokenizer.json ${text || 'of no bytes'}`, async () => {
      rmSync(model('vocab.json'));
      writeFileSync(model('tokenizer.json'), text);
      assert.equal((await refusal()).code, 'ERR_CONFIG');
    });
  }

  it('is refused where a folder is in the place of a file', async () => {
    for (const file of ['config.json', 'preprocessor_config.json', 'vocab.json', 'merges.txt', WEIGHTS]) {
      rmSync(model(file));
      mkdirSync(model(file));
      assert.equal((await refusal()).code, 'ERR_IO', file);
      rmSync(model(file), { recursive: true });
      cpSync(join(MODEL, file), model(file));
    }
  });

  const TENSOR = 'decoder.transformer.wte.weight';
  const WEIGHT_CASES: Record<string, [change: (tensors: Map<string, TensorData>) => void, code: string]> = {
    'without a tensor': [(tensors) => tensors.delete('decoder.transformer.h.1.mlp.c_proj.bias'), 'ERR_WEIGHTS_MISSING'],
    'with a tensor too many': [(tensors) => tensors.set('decoder.extra', tensors.get(TENSOR)!), 'ERR_WEIGHTS_UNEXPECTED'],
    'with a tensor turned around': [
      (tensors) => tensors.set(TENSOR, { ...tensors.get(TENSOR)!, shape: [...tensors.get(TENSOR)!.shape].reverse() }),
      'ERR_WEIGHTS_SHAPE',
    ],
    'with an empty tensor': [(tensors) => tensors.set(TENSOR, { dtype: 'F32', shape: [0], data: new Float32Array() }), 'ERR_WEIGHTS_SHAPE'],
    'with NaN': [
      (tensors) => {
        const { shape } = tensors.get(TENSOR)!;
        tensors.set(TENSOR, { dtype: 'F32', shape, data: new Float32Array(shape.reduce((a, b) => a * b, 1)).fill(NaN) });
      },
      'ERR_WEIGHTS_NONFINITE',
    ],
  };
  for (const [what, [change, code]] of Object.entries(WEIGHT_CASES)) {
    it(`is refused for weights ${what}`, async () => {
      const { tensors } = await readSafetensors(model(WEIGHTS));
      const changed = new Map(tensors);
      change(changed);
      await writeSafetensors(model(WEIGHTS), changed);
      assert.equal((await refusal()).code, code);
    });
  }

  it('is refused for weights that are cut off, and does not spoil the next load', async () => {
    for (const size of [0, 7, 1000, statSync(model(WEIGHTS)).size - 2]) {
      truncateSync(model(WEIGHTS), size);
      assert.equal((await refusal()).code, 'ERR_WEIGHTS_FORMAT');
      cpSync(join(MODEL, WEIGHTS), model(WEIGHTS));
    }
    using captioner = await ImageCaptioner.load(model(), { device: 'cpu' });
    assert.equal(typeof (await captioner.caption(IMAGE)).text, 'string');
  });
});
