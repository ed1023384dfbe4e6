import { line, marker, type MarkerShape } from './marks.js';
import { element, textElement } from './svg.js';
import { BACKGROUND, FONT_SIZE, INK, textWidth } from './theme.js';

export interface LegendItem {
  name: string;
  color: string;
  /** Drawn as a marker where given, as a filled box for 'box', else as a line. */
  mark?: MarkerShape | 'box';
  dash?: string;
}

const SWATCH = 24;
const ROW_HEIGHT = 20;

function swatch(item: LegendItem, x: number, y: number): string {
  const middle = x + SWATCH / 2 - 4;
  if (item.mark === 'box') {
    return element('rect', { x: x + 3, y: y - 6, width: 12, height: 12, rx: 2, fill: item.color });
  }
  if (item.mark !== undefined)
    return marker(item.mark, middle, y, item.mark === 'star' ? 8 : 5, item.color);
  return line(
    [
      [x, y],
      [x + SWATCH - 6, y],
    ],
    item.color,
    item.dash === undefined ? {} : { dash: item.dash },
  );
}

function entry(item: LegendItem, x: number, y: number): string {
  const label = { x: x + SWATCH, y: y + 4, 'font-size': FONT_SIZE.tick, fill: INK };
  return swatch(item, x, y) + textElement(item.name, label);
}

/** Entries side by side from (x, y), broken into rows at `width`. Returns the height taken, too. */
export function legendRow(
  items: readonly LegendItem[],
  x: number,
  y: number,
  width: number,
): { svg: string; height: number } {
  let [left, top] = [x, y];
  const parts: string[] = [];
  for (const item of items) {
    const needed = SWATCH + textWidth(item.name, FONT_SIZE.tick) + 16;
    if (left > x && left + needed > x + width) [left, top] = [x, top + ROW_HEIGHT];
    parts.push(entry(item, left, top));
    left += needed;
  }
  return { svg: parts.join(''), height: items.length === 0 ? 0 : top - y + ROW_HEIGHT };
}

/** A boxed list whose lower right corner is (right, bottom). */
export function legendBox(items: readonly LegendItem[], right: number, bottom: number): string {
  const width =
    SWATCH + 20 + Math.max(...items.map((item) => textWidth(item.name, FONT_SIZE.tick)));
  const height = items.length * ROW_HEIGHT + 8;
  const [x, y] = [right - width, bottom - height];
  const back = {
    x,
    y,
    width,
    height,
    rx: 4,
    fill: BACKGROUND,
    'fill-opacity': 0.88,
    stroke: '#d0d5db',
  };
  return (
    element('rect', back) +
    items.map((item, i) => entry(item, x + 10, y + 14 + i * ROW_HEIGHT)).join('')
  );
}
