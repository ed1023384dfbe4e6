/**
 * From the constants of a graph model to the weights of a network: its own key names, PyTorch's layouts. A rule stands
 * for one tensor; constants that are no floats (axes, shapes, paddings) belong to the graph and are left behind.
 */
import { DeepcodeError } from '../errors.js';
import type { TensorData } from '../weights/tensor-data.js';
import type { GraphModel } from './graph-model.js';
import { shownName } from './graph-topology.js';

/** Where each axis of the network's tensor is in the graph's: HWIO -> OIHW, HWC1 -> C1HW, IO -> OI. */
const AXES = { conv: [3, 2, 0, 1], depthwise: [2, 3, 0, 1], dense: [1, 0], vector: [0] } as const;

export interface WeightRule {
  /** In the network: the key of the safetensors file. */
  key: string;
  /** The graph's constant; null for zeros that the graph leaves out. */
  constant: string | null;
  layout: keyof typeof AXES;
  /** In the network. */
  shape: readonly number[];
}

/** weight and bias of a convolution; `constants` are their names in the graph. */
export function convRules(
  key: string,
  constants: readonly [weight: string, bias: string],
  shape: readonly [output: number, input: number, height: number, width: number],
): WeightRule[] {
  return [
    { key: `${key}.weight`, constant: constants[0], layout: 'conv', shape },
    { key: `${key}.bias`, constant: constants[1], layout: 'vector', shape: [shape[0]] },
  ];
}

function stridesOf(shape: readonly number[]): number[] {
  const strides = shape.map(() => 1);
  for (let i = shape.length - 2; i >= 0; i--) strides[i] = strides[i + 1]! * shape[i + 1]!;
  return strides;
}

/** `axes[i]` is the axis of the input that becomes axis i. Copies. */
function permute(data: Float32Array, shape: readonly number[], axes: readonly number[]): Float32Array {
  const sizes = axes.map((axis) => shape[axis]!);
  const steps = axes.map((axis) => stridesOf(shape)[axis]!);
  const index = sizes.map(() => 0);
  const result = new Float32Array(data.length);
  for (let to = 0, from = 0; to < result.length; to++) {
    result[to] = data[from]!;
    for (let i = sizes.length - 1; i >= 0; i--) {
      from += steps[i]!;
      if (++index[i]! < sizes[i]!) break;
      from -= steps[i]! * sizes[i]!;
      index[i] = 0;
    }
  }
  return result;
}

function convert(rule: WeightRule, model: GraphModel): TensorData {
  const { key, constant, layout, shape } = rule;
  if (constant === null) return { dtype: 'F32', shape, data: new Float32Array(shape.reduce((a, b) => a * b, 1)) };
  const tensor = model.weights.get(constant);
  if (tensor?.dtype !== 'F32') {
    throw new DeepcodeError('ERR_WEIGHTS_MISSING', `The graph has no float weight ${shownName(constant)} for ${key}.`);
  }
  const axes: readonly number[] = AXES[layout];
  const found = axes.map((axis) => tensor.shape[axis]);
  if (tensor.shape.length !== axes.length || String(found) !== String(shape)) {
    const described = `Expected shape [${shape.join(', ')}] for ${key}, but ${shownName(constant)} is [${tensor.shape.join(', ')}]`;
    throw new DeepcodeError('ERR_WEIGHTS_SHAPE', `${described} in the graph's order. This is another network.`);
  }
  return { dtype: 'F32', shape, data: permute(tensor.data as Float32Array, tensor.shape, axes) };
}

/**
 * The network's weights by key.
 *
 * @throws DeepcodeError ERR_WEIGHTS_MISSING, ERR_WEIGHTS_SHAPE, ERR_WEIGHTS_UNEXPECTED for a float weight that no rule
 *   takes
 */
export function networkWeights(model: GraphModel, rules: readonly WeightRule[]): Map<string, TensorData> {
  const taken = new Set(rules.map((rule) => rule.constant));
  const stray = [...model.weights].find(([name, { dtype }]) => dtype === 'F32' && !taken.has(name));
  if (stray !== undefined) {
    throw new DeepcodeError('ERR_WEIGHTS_UNEXPECTED', `The network has no place for weight ${shownName(stray[0])}. This is another network.`);
  }
  return new Map(rules.map((rule) => [rule.key, convert(rule, model)]));
}
