/** Pages of picture pairs with text under them. Needs no fonts. */
import sharp from 'sharp';
import type { RgbImage } from '../data/rgb-image.js';
import { resampleImage } from '../data/resample.js';
import { Canvas, type Rgb } from './canvas.js';
import { strokeText, strokeTextWidth } from './stroke-font.js';

export interface PicturePair {
  left: RgbImage;
  right: RgbImage;
  /** Wrapped into as many lines as there is room for; the rest is cut off with "...". */
  text: string;
  /** One line above it, in bold. */
  title: string;
}

const COLUMNS = 5;
const ROWS = 10;
/** Pairs on a full page. */
export const PAIRS_PER_PAGE = COLUMNS * ROWS;

/** In pixels. */
const TILE = 160;
const GAP = 4;
const MARGIN = 14;
const TEXT_SIZE = 8;
const LINE_HEIGHT = 15;
const TEXT_LINES = 4;

const CELL_WIDTH = 2 * TILE + GAP;
const CELL_HEIGHT = TILE + (1 + TEXT_LINES) * LINE_HEIGHT + 6;

const GROUND: Rgb = [255, 255, 255];
const INK: Rgb = [30, 34, 40];
const MUTED: Rgb = [90, 98, 110];

/** Letters with accents lose them: the pen has none. */
const plain = (text: string): string => text.normalize('NFKD').replace(/\p{M}/gu, '').replace(/\s+/g, ' ').trim();

/** Lines of at most `width` pixels. A word that is longer than a line is cut. */
export function wrapText(text: string, width: number, size: number, lines: number): string[] {
  const fits = (line: string): boolean => strokeTextWidth(line, size) <= width;
  const cut = (line: string, end = ''): string => (line === '' || fits(line + end) ? line + end : cut(line.slice(0, -1), end));
  const result: string[] = [];
  for (const word of plain(text).split(' ')) {
    const last = result.at(-1);
    if (last !== undefined && fits(`${last} ${word}`)) result[result.length - 1] = `${last} ${word}`;
    else result.push(cut(word));
  }
  return result.length <= lines ? result : [...result.slice(0, lines - 1), cut(result[lines - 1]!, '...')];
}

/** Each letter by itself: what a stroke costs grows with the square of its text's length. */
function drawLine(canvas: Canvas, line: string, left: number, baseline: number, thickness: number, color: Rgb): void {
  let x = left;
  for (const letter of line) {
    canvas.stroke(strokeText(letter, x, baseline, TEXT_SIZE), thickness, color);
    x += strokeTextWidth(`${letter}a`, TEXT_SIZE) - strokeTextWidth('a', TEXT_SIZE);
  }
}

/** The whole picture, in the middle of its tile. */
async function drawPicture(canvas: Canvas, image: RgbImage, left: number, top: number): Promise<void> {
  const scale = TILE / Math.max(image.width, image.height);
  const side = (value: number): number => Math.max(1, Math.round(value * scale));
  const { width, height, data } = await resampleImage(image, { width: side(image.width), height: side(image.height) });
  const x = left + Math.floor((TILE - width) / 2);
  for (let row = 0; row < height; row++) {
    const at = (top + Math.floor((TILE - height) / 2) + row) * canvas.width + x;
    canvas.data.set(data.subarray(3 * row * width, 3 * (row + 1) * width), 3 * at);
  }
}

async function drawPair(canvas: Canvas, pair: PicturePair, left: number, top: number): Promise<void> {
  await drawPicture(canvas, pair.left, left, top);
  await drawPicture(canvas, pair.right, left + TILE + GAP, top);
  const baseline = top + TILE + LINE_HEIGHT;
  const [title = ''] = wrapText(pair.title, CELL_WIDTH, TEXT_SIZE, 1);
  drawLine(canvas, title, left, baseline, 1.5, INK);
  wrapText(pair.text, CELL_WIDTH, TEXT_SIZE, TEXT_LINES).forEach((line, i) => {
    drawLine(canvas, line, left, baseline + (i + 1) * LINE_HEIGHT, 1, MUTED);
  });
}

/**
 * One page: five pairs in a row, at most {@link PAIRS_PER_PAGE} of them.
 *
 * @param pairs asked for one after the other, so that few pictures are in memory at a time
 * @param count of the pairs
 * @returns a PNG
 */
export async function contactSheet(pairs: AsyncIterable<PicturePair>, count: number): Promise<Buffer> {
  const columns = Math.min(COLUMNS, count);
  const width = MARGIN + columns * (CELL_WIDTH + MARGIN);
  const height = MARGIN + Math.ceil(count / COLUMNS) * (CELL_HEIGHT + MARGIN);
  const canvas = new Canvas(width, height, GROUND);
  let i = 0;
  for await (const pair of pairs) {
    const [column, row] = [i % COLUMNS, Math.floor(i / COLUMNS)];
    await drawPair(canvas, pair, MARGIN + column * (CELL_WIDTH + MARGIN), MARGIN + row * (CELL_HEIGHT + MARGIN));
    i++;
  }
  return sharp(canvas.data, { raw: { width, height, channels: 3 } }).png().toBuffer();
}
