import sharp from 'sharp';
import { checkFields } from '../arguments.js';
import { type RgbImage } from '../data/rgb-image.js';
import { DeepcodeError, outOfRange } from '../errors.js';
import { upsampleBicubic, type FloatMap } from './bicubic.js';
import { Canvas, type Rgb } from './canvas.js';
import { heatColors } from './colormap.js';
import { strokeText, strokeTextWidth } from './stroke-font.js';

export interface HeatmapOptions {
  /** The image as the network saw it (same crop as the map). */
  image: RgbImage;
  /** Importance of each patch, rows x columns; any range, larger is more important. */
  map: FloatMap;
  /** P(fake), 0 to 1, for the caption. */
  score: number;
  /** Pixels of the longer side of the picture, 64 to 4096. Default 672. */
  size?: number;
  /** Opacity of the most important spot, 0 to 1. Default 0.7. */
  opacity?: number;
}

const GROUND: Rgb = [255, 255, 255];
const INK: Rgb = [31, 35, 40];
const MUTED: Rgb = [91, 100, 112];

interface Look {
  size: number;
  opacity: number;
}

function checkOptions(options: HeatmapOptions): void {
  checkFields('options', options, { image: 'object', map: 'object', score: 'number' });
  checkFields('options.image', options.image, { width: 'number', height: 'number', data: 'bytes' });
  checkFields('options.map', options.map, { values: 'numbers', rows: 'number', columns: 'number' });
}

function checkContent({ image, map }: HeatmapOptions): void {
  if (image.data.length !== image.width * image.height * 3 || image.data.length === 0) {
    const expected = `${image.width} x ${image.height} x 3`;
    throw new DeepcodeError(
      'ERR_SHAPE',
      `Expected an RGB image of ${expected} bytes but received ${image.data.length}.`,
    );
  }
  if (map.values.length !== map.rows * map.columns || map.values.length === 0) {
    throw new DeepcodeError(
      'ERR_SHAPE',
      `Expected a map of ${map.rows} x ${map.columns} but received ${map.values.length}.`,
    );
  }
  if (!Array.from(map.values).every(Number.isFinite)) {
    throw new DeepcodeError(
      'ERR_NONFINITE',
      'The importance map holds NaN or Inf; there is nothing to show.',
    );
  }
}

function checkLook({ score, size = 672, opacity = 0.7 }: HeatmapOptions): Look {
  if (!(score >= 0 && score <= 1)) throw outOfRange('score', 'a probability from 0 to 1', score);
  if (!Number.isInteger(size) || size < 64 || size > 4096)
    throw outOfRange('size', 'a whole number from 64 to 4096', size);
  if (!(opacity >= 0 && opacity <= 1)) throw outOfRange('opacity', 'a number from 0 to 1', opacity);
  return { size, opacity };
}

/** To 0..1 between the smallest and the largest value; a flat map becomes all zeros. */
function normalise(values: Float32Array): Float32Array {
  const low = values.reduce((a, b) => Math.min(a, b), Infinity);
  const high = values.reduce((a, b) => Math.max(a, b), -Infinity);
  const span = high - low;
  // Rounding of a flat map must not be blown up to a picture of noise.
  const flat = span <= 1e-6 * Math.max(Math.abs(low), Math.abs(high));
  return values.map((value) => (flat ? 0 : (value - low) / span));
}

async function enlarge({ data, width, height }: RgbImage, size: number): Promise<RgbImage> {
  const factor = size / Math.max(width, height);
  const [w, h] = [
    Math.max(1, Math.round(width * factor)),
    Math.max(1, Math.round(height * factor)),
  ];
  const pixels = await sharp(data, { raw: { width, height, channels: 3 } })
    .resize(w, h, { kernel: 'lanczos3', fit: 'fill' })
    .raw()
    .toBuffer();
  return { data: pixels, width: w, height: h };
}

/** Unimportant regions lose most of their colour but stay readable; important ones glow. */
function overlay(canvas: Canvas, image: RgbImage, heat: Float32Array, opacity: number): void {
  const colors = heatColors();
  for (let i = 0; i < heat.length; i++) {
    const at = 3 * i;
    const { data } = image;
    const grey = 0.2126 * data[at]! + 0.7152 * data[at + 1]! + 0.0722 * data[at + 2]!;
    const level = Math.round(255 * heat[i]!) * 3;
    // Smoothstep: clear below the middle, near its full strength well before the peak.
    const t = Math.min(1, heat[i]! / 0.85);
    const alpha = opacity * t * t * (3 - 2 * t);
    for (let c = 0; c < 3; c++) {
      const muted = 0.94 * (0.45 * data[at + c]! + 0.55 * grey);
      canvas.data[at + c] = Math.round(muted + (colors[level + c]! - muted) * alpha);
    }
  }
}

function drawLegend(canvas: Canvas, top: number, unit: number, score: number): void {
  const [margin, size] = [2 * unit, 1.5 * unit];
  const baseline = top + 3.75 * unit;
  const caption = `P(fake) ${score.toFixed(2)}`;
  canvas.stroke(strokeText(caption, margin, baseline, size), 0.24 * unit, INK);
  const words = 1.15 * unit;
  const more = canvas.width - margin - strokeTextWidth('more', words);
  const [barEnd, barWidth] = [Math.round(more - unit), Math.round(canvas.width * 0.26)];
  const less = barEnd - barWidth - unit - strokeTextWidth('less', words);
  const wordBaseline = baseline - (size - words) / 2;
  canvas.stroke(strokeText('less', less, wordBaseline, words), 0.16 * unit, MUTED);
  canvas.stroke(strokeText('more', more, wordBaseline, words), 0.16 * unit, MUTED);
  const colors = heatColors();
  const [barTop, barHeight] = [
    Math.round(baseline - size / 2 - 0.45 * unit),
    Math.round(0.9 * unit),
  ];
  for (let x = 0; x < barWidth; x++) {
    const level = Math.round((255 * x) / (barWidth - 1)) * 3;
    const color: Rgb = [colors[level]!, colors[level + 1]!, colors[level + 2]!];
    for (let y = 0; y < barHeight; y++) canvas.blend(barEnd - barWidth + x, barTop + y, color, 1);
  }
}

/**
 * A PNG of the image with the patches that mattered lit up, and a thin legend with P(fake) below.
 * The map is upsampled smoothly, scaled to its own range, and the more important a spot is, the
 * more opaque. Needs no fonts.
 *
 * @throws TypeError for what is no image or map; DeepcodeError ERR_SHAPE, ERR_NONFINITE; RangeError for
 *   score, size or opacity out of range
 */
export function renderHeatmap(options: HeatmapOptions): Promise<Buffer> {
  checkOptions(options);
  return draw(options, checkLook(options));
}

async function draw(options: HeatmapOptions, { size, opacity }: Look): Promise<Buffer> {
  checkContent(options);
  const image = await enlarge(options.image, size);
  const heat = normalise(upsampleBicubic(options.map, image.width, image.height));
  const unit = Math.max(3, Math.min(image.width, image.height) / 56);
  const canvas = new Canvas(image.width, image.height + Math.round(6 * unit), GROUND);
  overlay(canvas, image, heat, opacity);
  drawLegend(canvas, image.height, unit, options.score);
  const raw = { width: canvas.width, height: canvas.height, channels: 3 as const };
  return sharp(canvas.data, { raw }).png().toBuffer();
}
