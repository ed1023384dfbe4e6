/** Weights that Keras has written: `model.save('x.h5')` or `model.save_weights('x.h5')`. Datasets only. */
import { PIECE_BYTES, type InputFile } from '../input-file.js';
import { bytesOf, countOf, type SourceCheckpoint, type SourceTensor } from '../source-tensor.js';
import { Hdf5File } from './client.js';
import { toPyTorchLayout } from './kernel-layout.js';
import { isOptimizer, kerasNames } from './keras-names.js';
import type { Hdf5Dataset } from './protocol.js';

export type KernelLayout = 'keras' | 'pytorch';

interface Block {
  readonly offset: number[];
  readonly count: number[];
}

/**
 * Blocks of at most {@link PIECE_BYTES}, in row-major order: as many indices of the first dimension at a time as fit,
 * or one, split further along the next. Chunks of rows are not cut where they fit.
 */
function* blocksOf(shape: readonly number[], elementBytes: number, chunkRows: number): Generator<Block> {
  const [rows, ...rest] = shape;
  if (rows === undefined) return yield { offset: [], count: [] };
  const rowBytes = elementBytes * countOf(rest);
  const fitting = Math.floor(PIECE_BYTES / rowBytes);
  if (fitting === 0) {
    for (let row = 0; row < rows; row++) {
      for (const { offset, count } of blocksOf(rest, elementBytes, 1)) yield { offset: [row, ...offset], count: [1, ...count] };
    }
    return;
  }
  const step = fitting > chunkRows ? fitting - (fitting % chunkRows) : fitting;
  for (let row = 0; row < rows; row += step) {
    yield { offset: [row, ...rest.map(() => 0)], count: [Math.min(step, rows - row), ...rest] };
  }
}

function sourceTensor(file: Hdf5File, name: string, { path, dtype, shape, chunkRows }: Hdf5Dataset): SourceTensor {
  const size = bytesOf(dtype!);
  return {
    name,
    dtype: dtype!,
    shape,
    async *bytes() {
      if (countOf(shape) === 0) return;
      for (const { offset, count } of blocksOf(shape, size, chunkRows)) yield await file.read(path, size * countOf(count), offset, count);
    },
  };
}

/** Keras 3's own format numbers a layer's variables: `layers/dense/vars/0`. */
const isNumbered = (path: readonly string[]): boolean => path.at(-2) === 'vars' && /^\d+$/.test(path.at(-1)!);

async function describe(input: InputFile, file: Hdf5File, layout: KernelLayout): Promise<Omit<SourceCheckpoint, 'close'>> {
  const datasets = await file.list();
  const wanted = datasets.filter(({ path, dtype }) => dtype !== null && !isOptimizer(path));
  if (layout === 'pytorch' && wanted.some(({ path }) => isNumbered(path))) {
    throw input.refuse('its variables have numbers instead of names, so that its kernels cannot be found; use the layout keras');
  }
  const names = kerasNames(wanted.map(({ path }) => path));
  const tensors = wanted.map((dataset, i) => sourceTensor(file, names[i]!, dataset));
  const skipped = new Set(datasets.filter((dataset) => !wanted.includes(dataset)).map(({ path }) => (isOptimizer(path) ? path[0]! : path.join('/'))));
  return {
    tensors: layout === 'pytorch' ? tensors.map(toPyTorchLayout) : tensors,
    skipped: [...skipped],
    metadata: { format: layout === 'pytorch' ? 'pt' : 'keras', kernel_layout: layout },
  };
}

/** @throws DeepcodeError ERR_WEIGHTS_FORMAT */
export async function openKerasCheckpoint(file: InputFile, layout: KernelLayout): Promise<SourceCheckpoint> {
  const hdf5 = await Hdf5File.open(file);
  const close = async (): Promise<void> => {
    await hdf5.close();
    await file.close();
  };
  try {
    return { ...(await describe(file, hdf5, layout)), close };
  } catch (error) {
    await hdf5.close();
    throw error;
  }
}
