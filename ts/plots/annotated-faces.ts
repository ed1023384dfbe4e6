/** A picture with boxes and labels of faces. Needs no fonts. */
import sharp from 'sharp';
import { checkRgbImage, type RgbImage } from '../data/rgb-image.js';
import { Canvas, type Rgb } from './canvas.js';
import { strokeText, strokeTextWidth, type Segment } from './stroke-font.js';

export interface FaceLabel {
  /** In pixels of the image. */
  x: number;
  y: number;
  width: number;
  height: number;
  /** Letters, digits and common punctuation; other characters are blanks. */
  lines: readonly string[];
  points: readonly (readonly [x: number, y: number])[];
}

const BOX: Rgb = [46, 204, 113];
const INK: Rgb = [255, 255, 255];
const GROUND: Rgb = [20, 30, 24];
/** Height of capitals and width of lines, in pixels for an image whose sides' mean is 1000. */
const TEXT_SIZE = 15;
const LINE = 3;

function rectangle({ x, y, width, height }: FaceLabel): Segment[] {
  const [right, bottom] = [x + width, y + height];
  return [
    [x, y, right, y],
    [right, y, right, bottom],
    [right, bottom, x, bottom],
    [x, bottom, x, y],
  ];
}

function shade(canvas: Canvas, left: number, top: number, width: number, height: number): void {
  for (let y = Math.floor(top); y < top + height; y++) {
    for (let x = Math.floor(left); x < left + width; x++) canvas.blend(x, y, GROUND, 0.72);
  }
}

/** Below the box where there is room, else above its lower edge. */
function drawLines(canvas: Canvas, label: FaceLabel, unit: number): void {
  const [size, step] = [TEXT_SIZE * unit, 1.7 * TEXT_SIZE * unit];
  const height = label.lines.length * step + 0.4 * size;
  const width = Math.max(0, ...label.lines.map((line) => strokeTextWidth(line, size))) + size;
  const below = label.y + label.height + 0.3 * size;
  const top = below + height <= canvas.height ? below : Math.max(0, label.y + label.height - height);
  const left = Math.max(0, Math.min(label.x, canvas.width - width));
  shade(canvas, left, top, width, height);
  label.lines.forEach((line, i) => {
    const baseline = top + (i + 1) * step - 0.3 * size;
    canvas.stroke(strokeText(line, left + size / 2, baseline, size), 0.15 * size, INK);
  });
}

/**
 * A PNG of the image with a box, its points and its lines of text for every face.
 *
 * @throws TypeError for what is no image
 */
export function annotateFaces(image: RgbImage, labels: readonly FaceLabel[]): Promise<Buffer> {
  checkRgbImage(image);
  const canvas = new Canvas(image.width, image.height, GROUND);
  canvas.data.set(image.data);
  const unit = Math.max(0.4, (image.width + image.height) / 2000);
  for (const label of labels) {
    for (const side of rectangle(label)) canvas.stroke([side], LINE * unit, BOX);
    for (const [x, y] of label.points) canvas.stroke([[x, y, x, y]], 2 * LINE * unit, BOX);
  }
  for (const label of labels) drawLines(canvas, label, unit);
  const raw = { width: canvas.width, height: canvas.height, channels: 3 as const };
  return sharp(canvas.data, { raw }).png().toBuffer();
}
