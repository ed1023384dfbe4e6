import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { callNative } from '../../../ts/native.js';
import { writeSafetensors } from '../../../ts/weights/safetensors.js';
import { assertClose } from '../../support/closeness.js';
import { floatsOf, readSafetensors } from '../../support/read-safetensors.js';
import { useTemporaryFolder } from '../../support/temporary-folder.js';

type Tensors = Record<string, Float32Array>;

const at = (name: string): string => join(__dirname, name);
const CASES = JSON.parse(readFileSync(at('cases.json'), 'utf8')) as Record<string, [string, number][]>;
const expected = readSafetensors(at('expected.safetensors'));

function merge(loras: readonly { path: string; scale: number }[]) {
  const spec = { unet: at('unet.safetensors'), textEncoder: at('text_encoder.safetensors'), loras };
  return callNative(undefined, (addon, token) => addon.diffusionLoraMerge(spec, token));
}

const one = (path: string, scale = 1) => merge([{ path, scale }]);

/** transformers' name of a projection, and the third of the fused weight that it is. */
const PROJECTIONS = { q_proj: 0, k_proj: 1, v_proj: 2 } as const;

function textEncoderRows(tensors: Tensors, key: string): Float32Array {
  const [, layer, projection] = /^(.*\.self_attn)\.([qkv]_proj)\.weight$/.exec(key) ?? [];
  if (layer === undefined) return tensors[key.replace('out_proj', 'proj')]!;
  const fused = tensors[`${layer}.qkv.weight`]!;
  const third = fused.length / 3;
  const part = PROJECTIONS[projection as keyof typeof PROJECTIONS];
  return fused.subarray(part * third, (part + 1) * third);
}

/** A weight, or the third of a fused one, by diffusers' or transformers' name. */
function rowsOf(merged: { unet: Tensors; textEncoder: Tensors }, network: string, key: string): Float32Array {
  return network === 'unet' ? merged.unet[key]! : textEncoderRows(merged.textEncoder, key);
}

describe('LoRA files against diffusers and PEFT', () => {
  for (const [name, files] of Object.entries(CASES)) {
    it(`merges them into the same weights: ${name}`, async () => {
      const merged = await merge(files.map(([file, scale]) => ({ path: at(`${file}.safetensors`), scale })));
      const base = await merge([]);
      let changed = 0;
      for (const network of ['unet', 'text_encoder']) {
        const keys = [...readSafetensors(at(`${network}.safetensors`)).keys()].filter((key) => key.endsWith('.weight'));
        for (const key of keys) {
          const rows = rowsOf(merged, network, key);
          const change = `${name}/${network}.${key}`;
          if (expected.has(change)) {
            changed += 1;
            assertClose(rows, floatsOf(expected, change), 1e-5);
          } else {
            assert.deepEqual(rows, rowsOf(base, network, key), key);
          }
        }
      }
      assert.equal(changed, [...expected.keys()].filter((key) => key.startsWith(`${name}/`)).length);
      if (files.length === 1) assert.equal(merged.changedLayers, changed);
    });
  }

  it('changes nothing with a scale of 0, and nothing without files', async () => {
    const none = await merge([]);
    const zero = await one(at('kohya.safetensors'), 0);
    assert.equal(none.changedLayers, 0);
    assert.ok(zero.changedLayers > 0);
    for (const [name, values] of Object.entries(none.unet)) assert.deepEqual(zero.unet[name], values);
    for (const [name, values] of Object.entries(none.textEncoder)) assert.deepEqual(zero.textEncoder[name], values);
  });
});

describe('a LoRA file', () => {
  const temporary = useTemporaryFolder();
  const LAYER = 'unet.down_blocks.0.attentions.0.transformer_blocks.0.attn1.to_q';
  const matrix = (shape: number[], value = 1) => {
    const size = shape.reduce((product, side) => product * side, 1);
    return { dtype: 'F32' as const, shape, data: new Float32Array(size).fill(value) };
  };
  const down = matrix([2, 4]);
  const up = matrix([4, 2]);

  async function refuses(tensors: Parameters<typeof writeSafetensors>[1], code: string, text: RegExp, metadata = {}) {
    const path = temporary('lora.safetensors');
    await writeSafetensors(path, tensors, metadata);
    await assert.rejects(one(path), (error: Error & { code?: string }) => {
      assert.equal(error.code, code);
      assert.match(error.message, text);
      assert.ok(error.message.length <= 300, error.message);
      return true;
    });
  }

  it('is refused for keys that no layer takes, with their names', async () => {
    const pair = { [`${LAYER}.lora_A.weight`]: down, [`${LAYER}.lora_B.weight`]: up };
    const unknown = { 'lora_te2_text_model_x.alpha': matrix([1]), 'unet.no.such.lora_A.weight': down };
    await refuses(
      { ...pair, ...unknown },
      'ERR_WEIGHTS_UNEXPECTED',
      /no layer.*lora_te2_text_model_x\.alpha.*unet\.no\.such/,
    );
    await refuses({ ...pair, [`${LAYER}.dora_scale`]: up }, 'ERR_WEIGHTS_UNEXPECTED', /dora_scale/);
    const many = Array.from({ length: 200 }, (_, i) => [`unet.layer.${i}.lora_A.weight`, down] as const);
    await refuses(Object.fromEntries(many), 'ERR_WEIGHTS_UNEXPECTED', /and 19\d more/);
  });

  it('is refused for a layer in two spellings', async () => {
    const pair = { [`${LAYER}.lora_A.weight`]: down, [`${LAYER}.lora_B.weight`]: up };
    await refuses({ ...pair, [`${LAYER}.lora.down.weight`]: down }, 'ERR_WEIGHTS_UNEXPECTED', /to_q\.lora_A/);
  });

  it('is refused for half a pair', async () => {
    await refuses({ [`${LAYER}.lora_A.weight`]: down }, 'ERR_WEIGHTS_MISSING', /up \(B\).*attn1_to_q/);
    await refuses({ [`${LAYER}.lora_B.weight`]: up }, 'ERR_WEIGHTS_MISSING', /down \(A\)/);
    await refuses({ [`${LAYER}.alpha`]: matrix([1]) }, 'ERR_WEIGHTS_MISSING', /attn1_to_q/);
  });

  it('is refused for matrices that do not fit', async () => {
    const pair = (a: typeof down, b: typeof up) => ({ [`${LAYER}.lora_A.weight`]: a, [`${LAYER}.lora_B.weight`]: b });
    for (const [a, b] of [
      [matrix([2, 5]), up],
      [down, matrix([5, 2])],
      [down, matrix([4, 3])],
      [matrix([2, 4, 3, 3]), up],
      [matrix([4]), up],
      [matrix([0, 4]), matrix([4, 0])],
    ] as const) {
      await refuses(pair(a, b), 'ERR_WEIGHTS_SHAPE', /attn1\.to_q\.lora_/);
    }
    await refuses({ ...pair(down, up), [`${LAYER}.alpha`]: matrix([2]) }, 'ERR_WEIGHTS_SHAPE', /alpha/);
  });

  it('is refused for NaN and for settings that are no JSON', async () => {
    const pair = { [`${LAYER}.lora_A.weight`]: down, [`${LAYER}.lora_B.weight`]: up };
    await refuses({ ...pair, [`${LAYER}.lora_B.weight`]: matrix([4, 2], NaN) }, 'ERR_WEIGHTS_NONFINITE', /lora_B/);
    await refuses(pair, 'ERR_WEIGHTS_FORMAT', /lora_adapter_metadata/, {
      lora_adapter_metadata: '{"unet.lora_alpha": "x"}',
    });
  });
});
