// A sequential colour map whose equal steps look equal: a path through OKLab (Ottosson 2020, "A
// perceptual color space for image processing") from dark violet over red to light yellow, walked
// at constant speed with lightness rising all the way.

type Vector = readonly [number, number, number];

/** Lightness 0 to 1, chroma, hue in degrees. */
const STOPS: readonly Vector[] = [
  [0.24, 0.09, 285],
  [0.42, 0.18, 308],
  [0.58, 0.21, 5],
  [0.7, 0.19, 38],
  [0.83, 0.165, 75],
  [0.95, 0.1, 102],
];

const LEVELS = 256;
const SAMPLES = 2048;

function toOklab([lightness, chroma, hue]: Vector): Vector {
  const angle = (hue * Math.PI) / 180;
  return [lightness, chroma * Math.cos(angle), chroma * Math.sin(angle)];
}

/** OKLab to linear sRGB, with the matrices of Ottosson 2020. */
function toLinear([lightness, a, b]: Vector): Vector {
  const l = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3;
  const m = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3;
  const s = (lightness - 0.0894841775 * a - 1.291485548 * b) ** 3;
  return [
    4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s,
    -1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s,
    -0.0041960863 * l - 0.7034186147 * m + 1.707614701 * s,
  ];
}

/** The sRGB transfer curve (IEC 61966-2-1), to 0..255. */
function encode(linear: number): number {
  const clipped = Math.min(1, Math.max(0, linear));
  const value = clipped <= 0.0031308 ? 12.92 * clipped : 1.055 * clipped ** (1 / 2.4) - 0.055;
  return Math.round(255 * value);
}

/** Less chroma until the colour can be shown. */
function intoGamut(color: Vector): Vector {
  let [lightness, a, b] = color;
  while (toLinear([lightness, a, b]).some((channel) => channel < 0 || channel > 1))
    [a, b] = [a * 0.98, b * 0.98];
  return [lightness, a, b];
}

function catmullRom(p: readonly number[], t: number): number {
  const [a, b, c, d] = p as [number, number, number, number];
  return b + 0.5 * t * (c - a + t * (2 * a - 5 * b + 4 * c - d + t * (3 * (b - c) + d - a)));
}

function pathAt(position: number): Vector {
  const stops = STOPS.map(toOklab);
  const index = Math.min(Math.floor(position), stops.length - 2);
  const around = [-1, 0, 1, 2].map(
    (k) => stops[Math.min(Math.max(index + k, 0), stops.length - 1)]!,
  );
  const channel = (k: 0 | 1 | 2): number =>
    catmullRom(
      around.map((stop) => stop[k]),
      position - index,
    );
  return intoGamut([channel(0), channel(1), channel(2)]);
}

/** Points of the path at equal distances. */
function equidistant(count: number): Vector[] {
  const fine = Array.from({ length: SAMPLES }, (_, i) =>
    pathAt((i / (SAMPLES - 1)) * (STOPS.length - 1)),
  );
  const along = [0];
  for (let i = 1; i < SAMPLES; i++) {
    const [p, q] = [fine[i - 1]!, fine[i]!];
    along.push(along[i - 1]! + Math.hypot(q[0] - p[0], q[1] - p[1], q[2] - p[2]));
  }
  let at = 0;
  return Array.from({ length: count }, (_, i) => {
    while (at < SAMPLES - 1 && along[at]! < (i / (count - 1)) * along.at(-1)!) at++;
    return fine[at]!;
  });
}

let cached: Uint8Array | undefined;

/** 256 RGB triples, dark to light: 768 bytes. */
export function heatColors(): Uint8Array {
  cached ??= Uint8Array.from(equidistant(LEVELS).flatMap((color) => toLinear(color).map(encode)));
  return cached;
}
