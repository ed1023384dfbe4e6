import assert from 'node:assert/strict';
import type { RgbImage } from '../../../ts/data/rgb-image.js';
import { decodeImage } from '../../../ts/data/decode.js';
import { contactSheet, PAIRS_PER_PAGE, wrapText, type PicturePair } from '../../../ts/plots/contact-sheet.js';
import { strokeText, strokeTextWidth } from '../../../ts/plots/stroke-font.js';

function colored(width: number, height: number, color: readonly number[]): RgbImage {
  return { width, height, data: Uint8Array.from({ length: width * height * 3 }, (_, i) => color[i % 3]!) };
}

const RED = [200, 0, 0];
const BLUE = [0, 0, 200];

async function* pairs(count: number, text = 'a prompt'): AsyncGenerator<PicturePair> {
  for (let i = 0; i < count; i++) yield { left: colored(20, 40, RED), right: colored(32, 32, BLUE), title: `photo ${i}`, text };
}

/** Pixels that are of this colour, within rounding. */
function count({ data }: RgbImage, color: readonly number[]): number {
  let found = 0;
  for (let i = 0; i < data.length; i += 3) if (color.every((value, c) => Math.abs(data[i + c]! - value) < 3)) found++;
  return found;
}

describe('contactSheet', () => {
  it('shows both pictures of each pair, whole and in their proportions', async () => {
    const one = await decodeImage(await contactSheet(pairs(1), 1));
    assert.equal(count(one, RED), 160 * 80);
    assert.equal(count(one, BLUE), 160 * 160);
    const seven = await decodeImage(await contactSheet(pairs(7), 7));
    assert.equal(count(seven, RED), 7 * 160 * 80);
    assert.equal(count(seven, BLUE), 7 * 160 * 160);
    assert.ok(seven.height > 1.9 * one.height && seven.height < 2.1 * one.height);
  });

  it('puts the photo on the left and the text below', async () => {
    const { data, width, height } = await decodeImage(await contactSheet(pairs(1), 1));
    const at = (x: number, y: number): number[] => [...data.subarray(3 * (y * width + x), 3 * (y * width + x) + 3)];
    assert.deepEqual(at(Math.floor(width / 4), 90), RED);
    assert.deepEqual(at(Math.floor((3 * width) / 4), 90), BLUE);
    const below = data.subarray(3 * 180 * width);
    assert.ok(below.some((value) => value < 60), 'there is ink');
    const empty = await decodeImage(await contactSheet((async function* () {
      for await (const pair of pairs(1, '')) yield { ...pair, title: '' };
    })(), 1)); // prettier-ignore
    assert.deepEqual([empty.width, empty.height], [width, height]);
    assert.ok(!empty.data.subarray(3 * 180 * width).some((value) => value < 60), 'there is none without text');
  });

  it('takes a full page of long prompts', async function () {
    this.timeout(60_000);
    const page = await decodeImage(await contactSheet(pairs(PAIRS_PER_PAGE, 'A face image of somebody with a long description. '.repeat(20)), PAIRS_PER_PAGE));
    assert.equal(count(page, BLUE), PAIRS_PER_PAGE * 160 * 160);
  });
});

describe('wrapText', () => {
  const widths = (lines: string[]): number => Math.max(...lines.map((line) => strokeTextWidth(line, 8)));

  it('breaks at spaces and keeps every word where there is room', () => {
    const text = 'A face image of a man in a suit. And the man is 41 years old, white and happy';
    const lines = wrapText(text, 120, 8, 10);
    assert.equal(lines.join(' '), text);
    assert.ok(lines.length > 2 && widths(lines) <= 120);
  });

  it('cuts what is too long, in lines and in words', () => {
    const lines = wrapText(`word ${'x'.repeat(500)} ${'more words '.repeat(50)}`, 120, 8, 3);
    assert.equal(lines.length, 3);
    assert.ok(lines[2]!.endsWith('...') && widths(lines) <= 120);
    assert.deepEqual(wrapText('', 120, 8, 3), ['']);
  });

  it('writes letters with accents without them', () => assert.deepEqual(wrapText('Zoë\n Ångström', 400, 8, 2), ['Zoe Angstrom']));
});

describe('strokeText', () => {
  it('has every letter and digit of ASCII, and the punctuation of prompts', () => {
    const missing = [...'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789.,-\':;!?/()>_'].filter(
      (letter) => strokeText(letter, 0, 0, 10).length === 0,
    );
    assert.deepEqual(missing, []);
  });
});
