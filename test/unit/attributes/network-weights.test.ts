import assert from 'node:assert/strict';
import { decodeGraphModel, type GraphModel } from '../../../ts/attributes/graph-model.js';
import { networkWeights, type WeightRule } from '../../../ts/attributes/network-weights.js';
import { ATTRIBUTE_NETWORKS } from '../../../ts/attributes/networks.js';
import { networkModel } from '../../support/graph-model-bytes.js';

const tensor = (shape: number[], dtype: 'F32' | 'I32' = 'F32') => {
  const count = shape.reduce((a, b) => a * b, 1);
  const data = Float32Array.from({ length: count }, (_, i) => i);
  return { dtype, shape, data: dtype === 'F32' ? data : Int32Array.from(data) };
};
const model = (weights: Record<string, ReturnType<typeof tensor>>): GraphModel => ({
  nodes: new Map(),
  weights: new Map(Object.entries(weights)),
});
const rule = (layout: WeightRule['layout'], shape: number[], constant: string | null = 'w'): WeightRule => ({ key: 'k', constant, layout, shape });
const converted = (graphShape: number[], layout: WeightRule['layout'], shape: number[]): number[] =>
  [...(networkWeights(model({ w: tensor(graphShape) }), [rule(layout, shape)]).get('k')!.data as Float32Array)];

describe('networkWeights', () => {
  it('brings every axis where PyTorch has it', () => {
    // Value i of the result is the position in the graph's tensor, computed from its strides.
    const [H, W, I, O] = [2, 3, 4, 5] as const;
    const conv: number[] = [];
    for (let o = 0; o < O; o++)
      for (let i = 0; i < I; i++)
        for (let h = 0; h < H; h++) for (let w = 0; w < W; w++) conv.push(((h * W + w) * I + i) * O + o);
    assert.deepEqual(converted([H, W, I, O], 'conv', [O, I, H, W]), conv);
    assert.deepEqual(converted([1, 2, 3, 1], 'depthwise', [3, 1, 1, 2]), [0, 3, 1, 4, 2, 5]);
    assert.deepEqual(converted([2, 3], 'dense', [3, 2]), [0, 3, 1, 4, 2, 5]);
    assert.deepEqual(converted([3], 'vector', [3]), [0, 1, 2]);
  });

  it('adds zeros that the graph leaves out, and leaves whole numbers behind', () => {
    const weights = networkWeights(model({ axes: tensor([2], 'I32') }), [rule('vector', [3], null)]);
    assert.deepEqual([...(weights.get('k')!.data as Float32Array)], [0, 0, 0]);
    assert.deepEqual([...weights.keys()], ['k']);
  });

  for (const [what, weights, code] of [
    ['a weight that is missing', {}, 'ERR_WEIGHTS_MISSING'],
    ['whole numbers for floats', { w: tensor([2], 'I32') }, 'ERR_WEIGHTS_MISSING'],
    ['another size', { w: tensor([3]) }, 'ERR_WEIGHTS_SHAPE'],
    ['another rank', { w: tensor([2, 1]) }, 'ERR_WEIGHTS_SHAPE'],
    ['a weight too many', { w: tensor([2]), more: tensor([1]) }, 'ERR_WEIGHTS_UNEXPECTED'],
  ] as const) {
    it(`refuses ${what}`, () => {
      assert.throws(() => networkWeights(model(weights), [rule('vector', [2])]), { code });
    });
  }

  for (const [name, rules] of Object.entries(ATTRIBUTE_NETWORKS)) {
    it(`has a place for everything in ${name}, once`, async () => {
      const { json, bin } = networkModel(name, rules);
      const weights = networkWeights(await decodeGraphModel(json, async () => bin), rules);
      assert.equal(weights.size, { gear: 34, emotion: 22, blazeface: 138 }[name]);
      const constants = rules.flatMap(({ constant }) => constant ?? []);
      assert.equal(new Set(constants).size, constants.length);
    });
  }
});
