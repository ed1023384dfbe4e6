/** Squares that together cover an image, at several scales: a network of one size sees small faces in large images. */

/** The network's image, in pixels. */
export const TILE_SIZE = 256;
/** The smallest face that the network finds, in sides of its image. */
const SMALLEST_FACE = 1 / 15;
/** What neighbours share, in sides: a face of up to that is in one of them whole. */
const OVERLAP = 0.25;
/** Larger faces, in sides of a square, are left to the scale before, which sees them whole. */
export const LARGEST_FACE = 0.4;

/** Sides of the squares of every scale behind the whole image, in its pixels; none where the whole image shows such faces. */
export function tileSides(longerSide: number, minFace: number): number[] {
  const last = Math.max(minFace / SMALLEST_FACE, TILE_SIZE);
  const sides: number[] = [];
  for (let side = longerSide; side > last; ) {
    side = Math.max(side / 2, last);
    sides.push(side);
  }
  return sides;
}

/** Where squares begin that cover `length`, both in pixels of the network. */
export function tileStarts(length: number): number[] {
  if (length <= TILE_SIZE) return [0];
  const steps = Math.ceil((length - TILE_SIZE) / (TILE_SIZE * (1 - OVERLAP)));
  return Array.from({ length: steps + 1 }, (_, i) => Math.round(((length - TILE_SIZE) * i) / steps));
}
