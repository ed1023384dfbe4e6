import assert from 'node:assert/strict';
import { encodeBfloat16, encodeHalf } from '../../../ts/convert/float-encode.js';
import { Watchdog } from '../../../ts/convert/hdf5/watchdog.js';
import { toPyTorchLayout } from '../../../ts/convert/hdf5/kernel-layout.js';
import { isOptimizer, kerasNames } from '../../../ts/convert/hdf5/keras-names.js';
import type { SourceTensor } from '../../../ts/convert/source-tensor.js';
import { gather, isContiguous } from '../../../ts/convert/torch/strided.js';
import { floatDecoder } from '../../../ts/weights/float-decode.js';

describe('encodeHalf and encodeBfloat16', () => {
  it('give back every value of their format', () => {
    for (const [encode, decode, infinity] of [
      [encodeHalf, floatDecoder('F16')!, 0x7c00],
      [encodeBfloat16, floatDecoder('BF16')!, 0x7f80],
    ] as const) {
      for (let bits = 0; bits <= infinity; bits++) {
        assert.equal(encode(decode(bits)), bits);
        assert.equal(encode(-decode(bits)), bits | 0x8000);
      }
    }
  });

  it('round to the nearest, ties to even', () => {
    const decode = floatDecoder('F16')!;
    for (let bits = 0; bits < 0x7bff; bits += 3) {
      const middle = (decode(bits) + decode(bits + 1)) / 2;
      assert.equal(encodeHalf(middle), bits + (bits & 1), `tie above ${bits}`);
      assert.equal(encodeHalf(middle * (1 - 2 ** -20)), bits);
      assert.equal(encodeHalf(middle * (1 + 2 ** -20)), bits + 1);
    }
  });

  it('know NaN and what is too large', () => {
    assert.deepEqual([encodeHalf(NaN), encodeBfloat16(NaN)], [0x7e00, 0x7fc0]);
    assert.deepEqual([encodeHalf(65519), encodeHalf(65520), encodeHalf(-1e30)], [0x7bff, 0x7c00, 0xfc00]);
    assert.equal(encodeBfloat16(3.4e38), 0x7f80);
  });
});

describe('gather', () => {
  it('takes elements of every width in the order of the strides', () => {
    for (const [size, ArrayType] of [[1, Uint8Array], [2, Uint16Array], [4, Uint32Array]] as const) {
      const words = new ArrayType([1, 2, 3, 4, 5, 6]);
      const pieces = [...gather(Buffer.from(words.buffer), size, [3, 2], [1, 3])];
      const out = Buffer.concat(pieces);
      assert.deepEqual([...new ArrayType(Uint8Array.from(out).buffer)], [1, 4, 2, 5, 3, 6]);
    }
  });

  it('gives a scalar once and nothing for no elements', () => {
    assert.deepEqual([...gather(Buffer.of(7), 1, [], [])], [Buffer.of(7)]);
    assert.deepEqual([...gather(Buffer.of(7), 1, [0, 3], [3, 1])], []);
  });

  it('is needed only where the order differs', () => {
    assert.ok(isContiguous({ shape: [2, 3], strides: [3, 1] }));
    assert.ok(isContiguous({ shape: [1, 3, 1], strides: [99, 1, 7] }), 'strides of single elements mean nothing');
    assert.ok(!isContiguous({ shape: [2, 3], strides: [1, 2] }));
    assert.ok(!isContiguous({ shape: [2], strides: [0] }));
  });
});

describe('kerasNames', () => {
  const names = (...paths: string[]): string[] => kerasNames(paths.map((path) => path.split('/')));

  it('are layer.weight, without what repeats the layer', () => {
    assert.deepEqual(names('model_weights/conv2d_1/conv2d_1_1/kernel:0', 'model_weights/dense/dense/bias:0'), ['conv2d_1.kernel', 'dense.bias']);
    assert.deepEqual(names('conv2d/sequential_2/conv2d/kernel', 'conv2d/sequential_2/conv2d/bias'), ['conv2d.kernel', 'conv2d.bias']);
    assert.deepEqual(names('dense/kernel:0', 'convolution2d_1/convolution2d_1_W'), ['dense.kernel', 'convolution2d_1.convolution2d_1_W']);
  });

  it('keep nested models, and layers whose names only begin alike', () => {
    assert.deepEqual(names('vgg/block1/kernel:0', 'conv/conv_b/kernel:0'), ['vgg.block1.kernel', 'conv.conv_b.kernel']);
    assert.deepEqual(names('layers/dense/vars/0', 'layers/dense/vars/1'), ['layers.dense.vars.0', 'layers.dense.vars.1']);
  });

  it('keep the whole path where two would be one', () => {
    assert.deepEqual(names('rnn/rnn/kernel:0', 'rnn/rnn_1/kernel:0', 'rnn/bias:0'), ['rnn.rnn.kernel', 'rnn.rnn_1.kernel', 'rnn.bias']);
  });

  it('know an optimiser', () => {
    assert.ok(isOptimizer(['optimizer_weights', 'Adam', 'm:0']));
    assert.ok(!isOptimizer(['optimizer']) && !isOptimizer(['model_weights', 'optimizer', 'w']));
  });
});

describe('toPyTorchLayout', () => {
  const source = (name: string, shape: number[]): SourceTensor => {
    const data = Uint8Array.from({ length: shape.reduce((product, size) => product * size, 1) }, (_, i) => i);
    return { name, dtype: 'U8', shape, async *bytes() { yield data; } }; // prettier-ignore
  };
  const valuesOf = async (tensor: SourceTensor): Promise<number[]> => {
    const pieces: number[] = [];
    for await (const piece of tensor.bytes()) pieces.push(...piece);
    return pieces;
  };

  it('puts output channels first', async () => {
    const dense = toPyTorchLayout(source('dense.kernel', [2, 3]));
    assert.deepEqual([dense.shape, await valuesOf(dense)], [[3, 2], [0, 3, 1, 4, 2, 5]]);
    assert.deepEqual(toPyTorchLayout(source('conv3d.kernel', [2, 3, 4, 5, 6])).shape, [6, 5, 2, 3, 4]);
  });

  it('makes depthwise kernels convolutions of groups, by either name', async () => {
    for (const name of ['separable_conv2d.depthwise_kernel', 'depthwise_conv2d_3.kernel']) {
      const kernel = toPyTorchLayout(source(name, [1, 2, 3, 2]));
      assert.deepEqual([kernel.shape, await valuesOf(kernel)], [[6, 1, 1, 2], [0, 6, 1, 7, 2, 8, 3, 9, 4, 10, 5, 11]], name);
    }
  });

  it('leaves everything else alone', () => {
    for (const [name, shape] of [['dense.bias', [3]], ['embedding.embeddings', [4, 5]], ['bn.gamma', [3]], ['kernel_norm.scale', [2, 2]]] as const) {
      const tensor = source(name, [...shape]);
      assert.equal(toPyTorchLayout(tensor), tensor);
    }
  });
});

describe('Watchdog', () => {
  const watch = (): { dog: Watchdog; beats: Int32Array; clock: { wall: number; cpu: number } } => {
    const beats = new Int32Array(new SharedArrayBuffer(4));
    const clock = { wall: 0, cpu: 0 };
    const dog = new Watchdog(beats, () => clock);
    assert.ok(!dog.isStalled());
    return { dog, beats, clock };
  };

  it('tells work that leads nowhere', () => {
    const { dog, clock } = watch();
    Object.assign(clock, { wall: 1400, cpu: 1400 });
    assert.ok(!dog.isStalled());
    Object.assign(clock, { wall: 1600, cpu: 1600 });
    assert.ok(dog.isStalled());
  });

  it('bears a slow disk, a busy machine and a long file', () => {
    const { dog, beats, clock } = watch();
    Object.assign(clock, { wall: 60_000, cpu: 100 });
    assert.ok(!dog.isStalled(), 'no work was done');
    beats[0]! += 2;
    Object.assign(clock, { wall: 61_000, cpu: 9_000 });
    assert.ok(!dog.isStalled(), 'the file was read');
    beats[0]! += 1;
    assert.ok(!dog.isStalled());
    Object.assign(clock, { wall: 99_000, cpu: 99_000 });
    assert.ok(!dog.isStalled(), 'a read is under way');
  });
});
