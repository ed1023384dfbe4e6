// Letters, digits and some punctuation for legends and labels, as pen strokes. Drawn text would need fonts, and
// the containers that such a package runs in often have none.
//
// Glyph units: y upwards from the baseline, capitals 10 high, x-height 6.8.

type Point = readonly [x: number, y: number];

/** A straight piece from point to point, or an elliptic arc between two angles in degrees. */
type Stroke =
  | readonly Point[]
  | { readonly centre: Point; readonly radius: Point; readonly from: number; readonly to: number };

interface Glyph {
  width: number;
  strokes: readonly Stroke[];
}

export type Segment = readonly [x1: number, y1: number, x2: number, y2: number];

const UNITS = 10;
const SPACING = 2;
const ARC_STEP = 12;

function arc(x: number, y: number, rx: number, ry: number, from: number, to: number): Stroke {
  return { centre: [x, y], radius: [rx, ry], from, to };
}

function ring(x: number, y: number, rx: number, ry: number): Stroke {
  return arc(x, y, rx, ry, 0, 360);
}

/** A pen path through points given as x, y, x, y, ... */
function path(...numbers: readonly number[]): Stroke {
  return Array.from({ length: numbers.length / 2 }, (_, i) => {
    return [numbers[2 * i]!, numbers[2 * i + 1]!] as const;
  });
}

function glyph(width: number, ...strokes: readonly Stroke[]): Glyph {
  return { width, strokes };
}

const GLYPHS: Readonly<Record<string, Glyph>> = {
  ' ': glyph(3),
  '.': glyph(0.6, path(0.3, 0.1, 0.3, 0.2)),
  '(': glyph(2.2, arc(5.6, 4, 5.6, 7.4, 125, 235)),
  ')': glyph(2.2, arc(-3.4, 4, 5.6, 7.4, 55, -55)),
  '0': glyph(6, ring(3, 5, 3, 5)),
  '1': glyph(3.4, path(0.4, 8, 3, 10, 3, 0)),
  '2': glyph(5.8, arc(2.9, 7.1, 2.8, 2.9, 170, -38), path(5.1, 5.3, 0, 0, 5.8, 0)),
  '3': glyph(5.6, arc(2.7, 7.6, 2.5, 2.4, 150, -90), arc(2.7, 2.6, 2.9, 2.6, 90, -150)),
  '4': glyph(6, path(4.4, 0, 4.4, 10, 0, 3, 6, 3)),
  '5': glyph(5.8, path(5.2, 10, 0.9, 10, 0.5, 5.4), arc(2.7, 3.2, 3.1, 3.2, 135, -150)),
  '6': glyph(6, ring(3, 3.1, 3, 3.1), arc(6, 3.1, 6, 7, 180, 100)),
  '7': glyph(5.8, path(0, 10, 5.8, 10, 1.8, 0)),
  '8': glyph(6, ring(3, 7.6, 2.5, 2.4), ring(3, 2.6, 3, 2.6)),
  '9': glyph(6, ring(3, 6.9, 3, 3.1), arc(0, 6.9, 6, 7, 0, -80)),
  ',': glyph(0.8, path(0.6, 0.3, 0.1, -1.6)),
  '-': glyph(3, path(0, 3.6, 3, 3.6)),
  "'": glyph(0.4, path(0.2, 10, 0.2, 7.4)),
  ':': glyph(0.6, path(0.3, 0.1, 0.3, 0.2), path(0.3, 5.6, 0.3, 5.7)),
  ';': glyph(0.8, path(0.6, 0.3, 0.1, -1.6), path(0.5, 5.6, 0.5, 5.7)),
  '!': glyph(0.6, path(0.3, 0.1, 0.3, 0.2), path(0.3, 3, 0.3, 10)),
  '?': glyph(4.4, arc(2.2, 7.6, 2.2, 2.4, 170, -45), path(3.7, 5.9, 2.2, 4.2, 2.2, 3), path(2.2, 0.1, 2.2, 0.2)),
  _: glyph(5, path(0, -1.5, 5, -1.5)),
  '/': glyph(4, path(0, -1, 4, 10.5)),
  '>': glyph(4, path(0, 6.2, 4, 3.6, 0, 1)),
  A: glyph(6.8, path(0, 0, 3.4, 10, 6.8, 0), path(1.2, 3.4, 5.6, 3.4)),
  B: glyph(
    5.9,
    path(3, 5.3, 0, 5.3, 0, 10, 3, 10),
    arc(3, 7.65, 2.4, 2.35, 90, -90),
    path(0, 5.3, 0, 0, 3.2, 0),
    arc(3.2, 2.65, 2.7, 2.65, 90, -90),
  ),
  C: glyph(7, arc(4, 5, 4, 5, 45, 315)),
  D: glyph(6.6, path(2.4, 0, 0, 0, 0, 10, 2.4, 10), arc(2.4, 5, 4.2, 5, 90, -90)),
  E: glyph(5.2, path(5.2, 10, 0, 10, 0, 0, 5.2, 0), path(0, 5.2, 4.4, 5.2)),
  F: glyph(5.2, path(5.2, 10, 0, 10, 0, 0), path(0, 5.2, 4.4, 5.2)),
  G: glyph(7.6, arc(4, 5, 4, 5, 45, 330), path(7.5, 2.5, 7.5, 4.6, 4.6, 4.6)),
  H: glyph(6.2, path(0, 0, 0, 10), path(6.2, 0, 6.2, 10), path(0, 5.2, 6.2, 5.2)),
  I: glyph(0.4, path(0.2, 0, 0.2, 10)),
  J: glyph(4, path(4, 10, 4, 2.6), arc(2, 2.6, 2, 2.6, 0, -180)),
  K: glyph(6, path(0, 0, 0, 10), path(5.8, 10, 0, 3.8), path(2.2, 6.1, 6, 0)),
  L: glyph(5, path(0, 10, 0, 0, 5, 0)),
  M: glyph(7.6, path(0, 0, 0, 10, 3.8, 2.6, 7.6, 10, 7.6, 0)),
  N: glyph(6.2, path(0, 0, 0, 10, 6.2, 0, 6.2, 10)),
  O: glyph(7.8, ring(3.9, 5, 3.9, 5)),
  P: glyph(5.6, path(0, 0, 0, 10, 3, 10), arc(3, 7.4, 2.7, 2.6, 90, -90), path(3, 4.8, 0, 4.8)),
  Q: glyph(7.8, ring(3.9, 5, 3.9, 5), path(4.8, 2.6, 7.6, -0.6)),
  R: glyph(
    6,
    path(0, 0, 0, 10, 3, 10),
    arc(3, 7.4, 2.7, 2.6, 90, -90),
    path(3, 4.8, 0, 4.8),
    path(3.2, 4.8, 6, 0),
  ),
  S: glyph(6, arc(3, 7.5, 2.8, 2.5, 35, 270), arc(3, 2.5, 3, 2.5, 90, -145)),
  T: glyph(6.4, path(0, 10, 6.4, 10), path(3.2, 10, 3.2, 0)),
  U: glyph(6.2, path(0, 10, 0, 3.2), arc(3.1, 3.2, 3.1, 3.2, 180, 360), path(6.2, 3.2, 6.2, 10)),
  V: glyph(6.8, path(0, 10, 3.4, 0, 6.8, 10)),
  W: glyph(9.6, path(0, 10, 2.4, 0, 4.8, 10, 7.2, 0, 9.6, 10)),
  X: glyph(6.2, path(0, 10, 6.2, 0), path(6.2, 10, 0, 0)),
  Y: glyph(6.4, path(0, 10, 3.2, 4.8, 6.4, 10), path(3.2, 4.8, 3.2, 0)),
  Z: glyph(6, path(0, 10, 6, 10, 0, 0, 6, 0)),
  a: glyph(5.5, ring(2.75, 3.4, 2.75, 3.4), path(5.5, 6.8, 5.5, 0)),
  b: glyph(5.5, ring(2.75, 3.4, 2.75, 3.4), path(0, 0, 0, 10.2)),
  c: glyph(5.2, arc(2.9, 3.4, 2.9, 3.4, 45, 315)),
  d: glyph(5.5, ring(2.75, 3.4, 2.75, 3.4), path(5.5, 10.2, 5.5, 0)),
  e: glyph(5.8, path(0.05, 3.5, 5.75, 3.5), arc(2.9, 3.4, 2.9, 3.4, 0, 318)),
  f: glyph(3.2, arc(3.2, 7.8, 2, 2.3, 70, 180), path(1.2, 7.8, 1.2, 0), path(0, 6.6, 3.3, 6.6)),
  g: glyph(5.5, ring(2.75, 3.4, 2.75, 3.4), path(5.5, 6.8, 5.5, 0), arc(2.75, 0, 2.75, 2.8, 0, -140)),
  h: glyph(5, path(0, 0, 0, 10.2), arc(2.5, 4.3, 2.5, 2.5, 180, 0), path(5, 4.3, 5, 0)),
  i: glyph(0.4, path(0.2, 0, 0.2, 6.8), path(0.2, 9.1, 0.2, 9.2)),
  j: glyph(1.6, path(1.4, 6.8, 1.4, -1.2), arc(0, -1.2, 1.4, 1.8, 0, -80), path(1.4, 9.1, 1.4, 9.2)),
  k: glyph(4.8, path(0, 0, 0, 10.2), path(4.5, 6.8, 0, 2.6), path(1.7, 4.2, 4.8, 0)),
  l: glyph(0.4, path(0.2, 0, 0.2, 10.2)),
  m: glyph(
    8.4,
    path(0, 0, 0, 6.8),
    arc(2.1, 4.6, 2.1, 2.2, 180, 0),
    path(4.2, 4.6, 4.2, 0),
    arc(6.3, 4.6, 2.1, 2.2, 180, 0),
    path(8.4, 4.6, 8.4, 0),
  ),
  n: glyph(5, path(0, 0, 0, 6.8), arc(2.5, 4.3, 2.5, 2.5, 180, 0), path(5, 4.3, 5, 0)),
  o: glyph(6, ring(3, 3.4, 3, 3.4)),
  p: glyph(5.5, ring(2.75, 3.4, 2.75, 3.4), path(0, 6.8, 0, -3)),
  q: glyph(5.5, ring(2.75, 3.4, 2.75, 3.4), path(5.5, 6.8, 5.5, -3)),
  r: glyph(3.3, path(0, 0, 0, 6.8), arc(2.4, 4.2, 2.4, 2.6, 180, 65)),
  s: glyph(4.6, arc(2.3, 5.1, 2.05, 1.7, 30, 270), arc(2.3, 1.7, 2.3, 1.7, 90, -150)),
  t: glyph(3.2, path(1.2, 9.2, 1.2, 2), arc(3.2, 2, 2, 2, 180, 270), path(0, 6.6, 3.2, 6.6)),
  u: glyph(5, path(0, 6.8, 0, 2.5), arc(2.5, 2.5, 2.5, 2.5, 180, 360), path(5, 6.8, 5, 0)),
  v: glyph(5, path(0, 6.8, 2.5, 0, 5, 6.8)),
  w: glyph(8, path(0, 6.8, 2, 0, 4, 6.8, 6, 0, 8, 6.8)),
  x: glyph(4.6, path(0, 6.8, 4.6, 0), path(4.6, 6.8, 0, 0)),
  y: glyph(5, path(0, 6.8, 2.5, 0), path(5, 6.8, 1.2, -3)),
  z: glyph(4.6, path(0, 6.8, 4.6, 6.8, 0, 0, 4.6, 0)),
};

function points(stroke: Stroke): readonly Point[] {
  if (!('centre' in stroke)) return stroke;
  const { centre, radius, from, to } = stroke;
  const steps = Math.ceil(Math.abs(to - from) / ARC_STEP);
  return Array.from({ length: steps + 1 }, (_, i) => {
    const angle = ((from + ((to - from) * i) / steps) * Math.PI) / 180;
    return [
      centre[0] + radius[0] * Math.cos(angle),
      centre[1] + radius[1] * Math.sin(angle),
    ] as const;
  });
}

function glyphOf(character: string): Glyph {
  return GLYPHS[character] ?? GLYPHS[' ']!;
}

/** Width in pixels of a text whose capitals are `size` pixels high. */
export function strokeTextWidth(text: string, size: number): number {
  const advance = [...text].reduce(
    (sum, character) => sum + glyphOf(character).width + SPACING,
    -SPACING,
  );
  return (Math.max(advance, 0) * size) / UNITS;
}

/**
 * The pen strokes of a text from (x, baseline), y downwards in pixels. Unknown characters are
 * blanks.
 */
export function strokeText(text: string, x: number, baseline: number, size: number): Segment[] {
  const scale = size / UNITS;
  const segments: Segment[] = [];
  let left = x;
  for (const { width, strokes } of [...text].map(glyphOf)) {
    for (const path of strokes.map(points)) {
      const placed = path.map(([px, py]) => [left + px * scale, baseline - py * scale] as const);
      for (let i = 1; i < placed.length; i++) segments.push([...placed[i - 1]!, ...placed[i]!]);
    }
    left += (width + SPACING) * scale;
  }
  return segments;
}
