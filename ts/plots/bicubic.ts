// Upsampling of a small map of numbers with the cubic B-spline kernel (Mitchell & Netravali 1988,
// eq. 8 with B = 1, C = 0): the smoothest of the bicubic family, without the rings and the patch
// edges that the sharper members leave around single bright patches.

export interface FloatMap {
  /** rows x columns, row by row. */
  values: ArrayLike<number>;
  rows: number;
  columns: number;
}

function kernel(distance: number): number {
  const x = Math.abs(distance);
  if (x < 1) return (4 - 6 * x * x + 3 * x ** 3) / 6;
  return x < 2 ? (2 - x) ** 3 / 6 : 0;
}

interface Taps {
  indices: number[];
  weights: number[];
}

/** Pixel centres are matched, edges repeat the outermost value. */
function taps(position: number, sourceSize: number, targetSize: number): Taps {
  const centre = ((position + 0.5) * sourceSize) / targetSize - 0.5;
  const first = Math.floor(centre) - 1;
  const offsets = [0, 1, 2, 3];
  return {
    indices: offsets.map((k) => Math.min(Math.max(first + k, 0), sourceSize - 1)),
    weights: offsets.map((k) => kernel(centre - first - k)),
  };
}

function stretchRows({ values, rows, columns }: FloatMap, width: number): Float32Array {
  const across = Array.from({ length: width }, (_, x) => taps(x, columns, width));
  return Float32Array.from({ length: rows * width }, (_, i) => {
    const { indices, weights } = across[i % width]!;
    const row = Math.floor(i / width) * columns;
    return indices.reduce((sum, column, k) => sum + weights[k]! * values[row + column]!, 0);
  });
}

/** The map at width x height, row by row. Values stay within the range of the source. */
export function upsampleBicubic(map: FloatMap, width: number, height: number): Float32Array {
  const wide = stretchRows(map, width);
  const result = new Float32Array(width * height);
  for (let y = 0; y < height; y++) {
    const { indices, weights } = taps(y, map.rows, height);
    for (let x = 0; x < width; x++) {
      let sum = 0;
      for (let k = 0; k < 4; k++) sum += weights[k]! * wide[indices[k]! * width + x]!;
      result[y * width + x] = sum;
    }
  }
  return result;
}
