/** TensorFlow.js graph models made for a test. */
import { randomBytes } from 'node:crypto';
import type { WeightRule } from '../../ts/attributes/network-weights.js';

export interface Weight {
  name: string;
  shape: number[];
  dtype: string;
  quantization?: Record<string, unknown>;
}

interface Node {
  name: string;
  op: string;
  input?: string[];
  attr?: unknown;
}

/** A model.json before it is text, for tests that break it. */
export interface ModelJson {
  format: string;
  modelTopology: { node: Node[] };
  weightsManifest: { paths: string[]; weights: Weight[] }[];
}

const TYPES: Record<string, string> = { float32: 'DT_FLOAT', int32: 'DT_INT32', bool: 'DT_BOOL' };

function constant({ name, shape, dtype }: Weight): Node {
  const dim = shape.map((size) => ({ size: String(size) }));
  const attr = { dtype: { type: TYPES[dtype] }, value: { tensor: { dtype: TYPES[dtype], tensorShape: { dim } } } };
  return { name, op: 'Const', attr };
}

/** A graph that holds the weights and sums them up; one file, `file`. */
export function modelJson(weights: Weight[], file: string): ModelJson {
  const sum = { name: 'sum', op: 'AddN', input: weights.map(({ name }) => name) };
  return {
    format: 'graph-model',
    modelTopology: { node: [...weights.map(constant), sum] },
    weightsManifest: [{ paths: [file], weights }],
  };
}

/** Where the graph has the axes of the network: the inverse of what networkWeights does. */
function graphShape({ layout, shape }: WeightRule): number[] {
  const [a, b, c, d] = shape as [number, number, number, number];
  return { conv: [c, d, b, a], depthwise: [c, d, a, b], dense: [b, a], vector: [a] }[layout];
}

/** A graph model with the constants of a network, at random, in a byte a value. */
export function networkModel(name: string, rules: readonly WeightRule[]): { json: Buffer; bin: Buffer } {
  const quantization = { dtype: 'uint8', scale: 1 / 128, min: -1 };
  const weights = rules
    .filter((rule) => rule.constant !== null)
    .map((rule) => ({ name: rule.constant!, shape: graphShape(rule), dtype: 'float32', quantization }));
  const size = weights.reduce((sum, { shape }) => sum + shape.reduce((a, b) => a * b, 1), 0);
  return { json: Buffer.from(JSON.stringify(modelJson(weights, `${name}.bin`))), bin: randomBytes(size) };
}
