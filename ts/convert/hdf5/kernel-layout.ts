/** Kernels of Keras in PyTorch's order of dimensions. */
import { gather } from '../torch/strided.js';
import { bytesOf, type SourceTensor } from '../source-tensor.js';

interface Transposed {
  /** `order[i]` is the dimension of Keras that becomes dimension i. */
  readonly order: readonly number[];
  /** Sizes after that; fewer than `order` where dimensions are joined. */
  readonly shape: readonly number[];
}

/** Spatial dimensions last, output before input: HWIO becomes OIHW, (in, out) becomes (out, in). */
function outputFirst(shape: readonly number[]): Transposed {
  const rank = shape.length;
  const order = [rank - 1, rank - 2, ...shape.keys()].slice(0, rank);
  return { order, shape: order.map((dimension) => shape[dimension]!) };
}

/** (H, W, in, multiplier) becomes (in x multiplier, 1, H, W), which is a convolution of `in` groups. */
function depthwise(shape: readonly number[]): Transposed {
  const spatial = shape.slice(0, -2);
  const [channels, multiplier] = shape.slice(-2) as [number, number];
  const rank = shape.length;
  return { order: [rank - 2, rank - 1, ...spatial.keys()], shape: [channels * multiplier, 1, ...spatial] };
}

const MAX_KERNEL_RANK = 5;

function transposedShape(name: string, shape: readonly number[]): Transposed | undefined {
  const kind = /(?:^|[._])((?:depthwise_|pointwise_|recurrent_)?kernel)$/.exec(name)?.[1];
  if (kind === undefined || shape.length < 2 || shape.length > MAX_KERNEL_RANK) return undefined;
  // Keras 3 calls the kernel of a depthwise layer just `kernel`.
  const isDepthwise = kind === 'depthwise_kernel' || (kind === 'kernel' && /depthwise/i.test(name));
  return isDepthwise && shape.length > 2 ? depthwise(shape) : outputFirst(shape);
}

function rowMajorStrides(shape: readonly number[]): number[] {
  const strides = shape.map(() => 1);
  for (let i = shape.length - 2; i >= 0; i--) strides[i] = strides[i + 1]! * shape[i + 1]!;
  return strides;
}

async function wholeOf(tensor: SourceTensor): Promise<Buffer> {
  const pieces: Uint8Array[] = [];
  for await (const piece of tensor.bytes()) pieces.push(piece);
  const [only] = pieces;
  if (pieces.length !== 1 || only === undefined || only.byteOffset % 8 !== 0) return Buffer.from(Uint8Array.from(Buffer.concat(pieces)).buffer);
  return Buffer.from(only.buffer, only.byteOffset, only.byteLength);
}

/** `tensor` itself where it is no kernel. A kernel is held in memory as a whole while it is read. */
export function toPyTorchLayout(tensor: SourceTensor): SourceTensor {
  const transposed = transposedShape(tensor.name, tensor.shape);
  if (transposed === undefined) return tensor;
  const strides = rowMajorStrides(tensor.shape);
  const sizes = transposed.order.map((dimension) => tensor.shape[dimension]!);
  const steps = transposed.order.map((dimension) => strides[dimension]!);
  return {
    ...tensor,
    shape: transposed.shape,
    async *bytes() {
      yield* gather(await wholeOf(tensor), bytesOf(tensor.dtype), sizes, steps);
    },
  };
}
