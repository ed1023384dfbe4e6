import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { native } from '../../../ts/native.js';
import { readSafetensors, writeSafetensors } from '../../../ts/weights/safetensors.js';
import { toFloat32Array } from '../../../ts/weights/tensor-data.js';
import { pythonWith } from '../../support/python.js';
import { useTemporaryFolder } from '../../support/temporary-folder.js';

const FILE = join(__dirname, 'every-dtype.safetensors');

function json<T>(name: string): T {
  return JSON.parse(readFileSync(join(__dirname, name), 'utf8')) as T;
}

function numberOf(value: number | string): number {
  return typeof value === 'number' ? value : Number(value.replace('inf', 'Infinity'));
}

describe('safetensors parity with the reference library', () => {
  const at = useTemporaryFolder();

  it('reads every dtype as torch does', async () => {
    const expected = json<Record<string, { shape: number[]; values: (number | string)[] }>>('every-dtype.json');
    const { tensors, metadata } = await readSafetensors(FILE);
    assert.deepEqual([...tensors.keys()].sort(), Object.keys(expected).sort());
    for (const [name, tensor] of tensors) {
      assert.deepEqual(tensor.shape, expected[name]!.shape, name);
      assert.deepEqual([...toFloat32Array(tensor)], expected[name]!.values.map(numberOf), name);
    }
    assert.deepEqual([...metadata], [['note', 'é\t']]);
  });

  it('writes the same bytes as the reference library', async () => {
    const { tensors, metadata } = await readSafetensors(FILE);
    await writeSafetensors(at('copy.safetensors'), tensors, metadata);
    assert.deepEqual(readFileSync(at('copy.safetensors')), readFileSync(FILE));
  });

  it('writes files that Python reads', async function () {
    const python = pythonWith('safetensors', 'numpy');
    if (python === undefined) {
      this.test!.skipReason = 'there is no Python with safetensors and numpy on this machine';
      return this.skip();
    }
    await writeSafetensors(
      at('m.safetensors'),
      { 'é "': { dtype: 'F64', shape: [2, 1], data: Float64Array.of(1.5, -2) }, b: { dtype: 'BOOL', shape: [], data: Uint8Array.of(1) } },
      { note: 'line\n' },
    );
    const script = [
      'import json, sys',
      'from safetensors import safe_open',
      'with safe_open(sys.argv[1], "numpy") as file:',
      '    print(json.dumps([{name: file.get_tensor(name).tolist() for name in file.keys()}, file.metadata()]))',
    ];
    const { status, stdout, stderr } = spawnSync(python, ['-c', script.join('\n'), at('m.safetensors')], { encoding: 'utf8' });
    assert.equal(status, 0, stderr);
    assert.deepEqual(JSON.parse(stdout), [{ 'é "': [[1.5], [-2]], b: true }, { note: 'line\n' }]);
  });
});

describe('names of a ViT in timm and in transformers', () => {
  const shapes = json<Record<'timm' | 'transformers', Record<string, number[]>>>('vit-names.json');

  it('every timm parameter is the join of transformers parameters, and the other way round', () => {
    const used = new Set<string>();
    for (const [name, shape] of Object.entries(shapes.timm)) {
      const sources = native().weightsHfVitNames(name, 'vit.');
      assert(sources !== null, name);
      const rows = sources.map((source) => shapes.transformers[source]![0]!);
      assert.equal(rows.reduce((sum, count) => sum + count), shape[0], name);
      sources.forEach((source, part) => {
        assert.deepEqual(native().weightsTimmSlice(source, 'vit.'), { name, part, parts: sources.length });
        used.add(source);
      });
    }
    assert.deepEqual([...used].sort(), Object.keys(shapes.transformers).sort());
  });

  it('knows the other prefixes, and refuses other names', () => {
    const addon = native();
    assert.deepEqual(addon.weightsHfVitNames('blocks.10.norm2.bias', 'encoder.'), ['encoder.encoder.layer.10.layernorm_after.bias']);
    assert.deepEqual(addon.weightsTimmSlice('embeddings.cls_token', ''), { name: 'cls_token', part: 0, parts: 1 });
    for (const name of ['blocks.x.norm1.weight', 'blocks.1.weight', 'blocks.', 'blocks.1.attn.qkv', 'fc_norm.weight', '']) {
      assert.equal(addon.weightsHfVitNames(name, 'vit.'), null, name);
    }
    for (const name of ['embeddings.cls_token', 'vit.pooler.dense.weight', 'vit.encoder.layer.1', 'vit.']) {
      assert.equal(addon.weightsTimmSlice(name, 'vit.'), null, name);
    }
  });
});

describe('names in a PEFT file', () => {
  const cases: [string, ReturnType<ReturnType<typeof native>['weightsPeftKey']>][] = [
    [
      'base_model.model.blocks.0.attn.qkv.lora_A.weight',
      { part: 'loraA', module: 'blocks.0.attn.qkv', parameter: 'weight', name: 'base_model.model.blocks.0.attn.qkv.lora_A.weight' },
    ],
    [
      'base_model.model.blocks.0.attn.qkv.lora_B.default.weight',
      { part: 'loraB', module: 'blocks.0.attn.qkv', parameter: 'weight', name: 'base_model.model.blocks.0.attn.qkv.lora_B.weight' },
    ],
    ['base_model.model.head.bias', { part: 'saved', module: 'head', parameter: 'bias', name: 'base_model.model.head.bias' }],
    [
      'base_model.model.head.modules_to_save.default.weight',
      { part: 'saved', module: 'head', parameter: 'weight', name: 'base_model.model.head.weight' },
    ],
    [
      'base_model.model.head.modules_to_save.weight',
      { part: 'saved', module: 'head', parameter: 'weight', name: 'base_model.model.head.weight' },
    ],
    ['blocks.0.attn.qkv.lora_A.weight', null],
    ['base_model.model.blocks.0.attn.qkv.lora_magnitude_vector', null],
    ['base_model.model.head.default.weight', null],
    ['base_model.model.weight', null],
    ['base_model.model..weight', null],
    ['base_model.model.', null],
  ];
  for (const [name, expected] of cases) {
    it(`reads ${name} as ${expected === null ? 'nothing' : expected.part}`, () => {
      assert.deepEqual(native().weightsPeftKey(name), expected);
    });
  }
});
