import assert from 'node:assert/strict';
import { adapterConfigJson, parseAdapterConfig, resolveAdapter } from '../../../ts/detect/adapter-config.js';
import { parseVitConfig } from '../../../ts/detect/vit-config.js';

const VIT = parseVitConfig({ architecture: 'vit_tiny_patch16_224', model_args: { depth: 3 } }, 'config.json').options;
const LORA = { peft_type: 'LORA', r: 4, lora_alpha: 8, target_modules: ['qkv'] };

const parse = (changes: object = {}) => parseAdapterConfig({ ...LORA, ...changes }, 'adapter_config.json');
const resolve = (changes: object = {}) => resolveAdapter(parse(changes), VIT, 'adapter_config.json');
const namesOf = (changes: object): string[] => resolve(changes).layers.map(({ name }) => name);

describe('resolveAdapter', () => {
  it('takes names as ends of a path, not as parts of a word', () => {
    assert.deepEqual(namesOf({}), ['blocks.0.attn.qkv', 'blocks.1.attn.qkv', 'blocks.2.attn.qkv']);
    assert.deepEqual(namesOf({ target_modules: ['blocks.1.mlp.fc1'] }), ['blocks.1.mlp.fc1']);
    assert.throws(() => resolve({ target_modules: ['kv'] }), { code: 'ERR_CONFIG', message: /"kv"/ });
  });

  it('takes a string as a Python regular expression for the whole name', () => {
    assert.deepEqual(namesOf({ target_modules: 'blocks\\.[12]\\.attn\\.(?P<part>qkv|proj)' }), [
      'blocks.1.attn.qkv',
      'blocks.1.attn.proj',
      'blocks.2.attn.qkv',
      'blocks.2.attn.proj',
    ]);
    assert.throws(() => namesOf({ target_modules: 'qkv' }), { code: 'ERR_CONFIG' });
  });

  it('leaves out excluded and saved modules', () => {
    assert.deepEqual(namesOf({ exclude_modules: ['blocks.1.attn.qkv'] }), ['blocks.0.attn.qkv', 'blocks.2.attn.qkv']);
    const { layers, modulesToSave } = resolve({ target_modules: ['qkv', 'head'], modules_to_save: ['head'] });
    assert.ok(layers.every(({ name }) => name !== 'head'));
    assert.deepEqual(modulesToSave, ['head']);
  });

  it('takes only the asked blocks', () => {
    const config = { layers_to_transform: [0, 2], layers_pattern: 'blocks' };
    assert.deepEqual(namesOf(config), ['blocks.0.attn.qkv', 'blocks.2.attn.qkv']);
  });

  it('scales by alpha / rank, or by alpha / sqrt(rank)', () => {
    assert.equal(resolve().layers[0]!.scale, 2);
    assert.equal(resolve({ use_rslora: true }).layers[0]!.scale, 4);
  });

  it('takes rank and alpha from the first pattern that fits the end of a name', () => {
    const { layers } = resolve({
      rank_pattern: { 'blocks.1.attn.qkv': 2, qkv: 8 },
      alpha_pattern: { '[02]\\.attn\\.qkv': 16 },
    });
    assert.deepEqual(
      layers.map(({ rank, scale }) => [rank, scale]),
      [
        [8, 2],
        [2, 4],
        [8, 2],
      ],
    );
  });
});

describe('parseAdapterConfig', () => {
  it("has PEFT's defaults", () => {
    const config = parseAdapterConfig({ peft_type: 'LORA', target_modules: ['qkv'] }, 'adapter_config.json');
    assert.deepEqual([config.rank, config.alpha, config.dropout, config.rslora], [8, 8, 0, false]);
  });

  it('refuses what is no LoRA adapter, and fields of a wrong kind', () => {
    const wrong = [
      { peft_type: 'LOHA' },
      { r: 0 },
      { r: 2.5 },
      { lora_dropout: 1 },
      { lora_alpha: 'eight' },
      { target_modules: [1] },
      { rank_pattern: { qkv: 0 } },
      { modules_to_save: { head: true } },
    ];
    for (const change of wrong) assert.throws(() => parse(change), { code: 'ERR_CONFIG' }, JSON.stringify(change));
    for (const value of [null, [], 'LORA']) assert.throws(() => parseAdapterConfig(value, 'x'), { code: 'ERR_CONFIG' });
  });

  it('refuses each setting that would change the numbers, by name', () => {
    const settings = {
      use_dora: true,
      bias: 'lora_only',
      lora_bias: true,
      fan_in_fan_out: true,
      init_lora_weights: 'pissa_niter_4',
      layer_replication: [[0, 2]],
      target_parameters: ['mlp.experts'],
      trainable_token_indices: [1],
    };
    for (const [name, value] of Object.entries(settings)) {
      assert.throws(() => parse({ [name]: value }), { code: 'ERR_CONFIG', message: new RegExp(name) });
    }
  });

  it('tolerates unknown fields, and known ones that are empty', () => {
    const config = { a_new_field: [1], layer_replication: null, eva_config: {}, use_dora: false, init_lora_weights: 'gaussian' };
    assert.deepEqual(parse(config), parse());
  });
});

describe('patterns of an adapter', () => {
  it('are refused at once where they could take for ever', () => {
    for (const pattern of ['(a+)+$', '(.*)*x', '(a|a)*b', 'a*'.repeat(300), '(?:x{2,})+']) {
      assert.throws(() => resolve({ target_modules: pattern }), { code: 'ERR_CONFIG' }, pattern);
    }
    assert.throws(() => resolve({ rank_pattern: { '(q+)+': 2 } }), { code: 'ERR_CONFIG' });
  });

  it('are refused where they are no regular expression', () => {
    assert.throws(() => resolve({ target_modules: 'blocks.(' }), { code: 'ERR_CONFIG', message: /regular expression/ });
  });
});

describe('adapterConfigJson', () => {
  it('is read back as what was written', () => {
    const changes = {
      base_model_name_or_path: '../base',
      lora_dropout: 0.1,
      rank_pattern: { qkv: 2 },
      alpha_pattern: { qkv: 3 },
      use_rslora: true,
      modules_to_save: ['head'],
      layers_to_transform: [1],
      layers_pattern: ['blocks'],
    };
    const config = parse(changes);
    assert.deepEqual(parseAdapterConfig(adapterConfigJson(config, VIT), 'adapter_config.json'), config);
  });

  it('writes layers out where PEFT would adapt the patch embedding too', () => {
    const { target_modules: targets } = adapterConfigJson(parse({ target_modules: ['proj'] }), VIT);
    assert.deepEqual(targets, ['blocks.0.attn.proj', 'blocks.1.attn.proj', 'blocks.2.attn.proj']);
    const all = adapterConfigJson(parse({ target_modules: 'all-linear' }), VIT).target_modules as string[];
    assert.equal(all.length, 13);
    assert.ok(!all.includes('patch_embed.proj'));
  });
});
