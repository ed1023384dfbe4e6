import { checkEach, checkFields } from '../arguments.js';
import { outOfRange } from '../errors.js';
import { figure, headerHeight } from './figure.js';
import { legendRow } from './legend.js';
import { line } from './marks.js';
import { type Rect } from './panel.js';
import { linearScale, niceTicks, tickFormat, type Domain, type Scale } from './scale.js';
import { element, polylinePath, textElement } from './svg.js';
import { FONT_SIZE, GRID, INK, MUTED, seriesColor, textWidth } from './theme.js';

export interface Bar {
  /** Null is shown as "n/a". */
  value: number | null;
  /** A confidence interval, drawn as whiskers. */
  interval?: Domain;
}

export interface BarSeries {
  name: string;
  /** One bar a category. */
  bars: readonly Bar[];
}

export interface BarChartOptions {
  title: string;
  subtitle?: string;
  /** For instance the data sets. */
  categories: readonly string[];
  /** For instance the models that are compared; a legend is drawn for two and more. */
  series: readonly BarSeries[];
  valueLabel: string;
  /** Default [0, 1]. Bars begin at its low end. */
  domain?: Domain;
  /** A dashed line, for instance at 0.5 for chance. */
  reference?: { value: number; label: string };
  /** Decimals of the values beside the bars. Default 3. */
  decimals?: number;
}

interface Layout {
  plot: Rect;
  x: Scale;
  barHeight: number;
  groupHeight: number;
}

const GAP = 14;
const LONGEST_LABEL = 34;

function shorten(text: string): string {
  const characters = [...text];
  return characters.length <= LONGEST_LABEL
    ? text
    : `${characters.slice(0, LONGEST_LABEL - 1).join('')}…`;
}

function checkSeries(options: BarChartOptions): void {
  checkFields('options', options, { title: 'text', valueLabel: 'text', categories: 'texts' });
  checkEach('options.series', options.series, { name: 'text', bars: 'list' });
  for (const { name, bars } of options.series) {
    checkEach(`the bars of '${name}'`, bars);
    if (bars.length !== options.categories.length) {
      throw outOfRange(
        `the number of bars of '${name}'`,
        `${options.categories.length} (one a category)`,
        bars.length,
      );
    }
  }
}

function axis(options: BarChartOptions, { plot, x }: Layout): string {
  const domain = options.domain ?? [0, 1];
  const ticks = niceTicks(domain);
  const format = tickFormat(ticks);
  const bottom = plot.y + plot.height;
  const marks = ticks.map((tick) => {
    const at = {
      x: x(tick),
      y: bottom + 18,
      'text-anchor': 'middle',
      'font-size': FONT_SIZE.tick,
      fill: MUTED,
    };
    const across = element('path', {
      d: polylinePath([
        [x(tick), plot.y],
        [x(tick), bottom],
      ]),
      stroke: GRID,
    });
    return across + textElement(format(tick), at);
  });
  const middle = plot.x + plot.width / 2;
  const label = {
    x: middle,
    y: bottom + 42,
    'text-anchor': 'middle',
    'font-size': FONT_SIZE.label,
    fill: INK,
  };
  return marks.join('') + textElement(options.valueLabel, label);
}

function whiskers([low, high]: Domain, y: number, x: Scale): string {
  const parts = [
    polylinePath([
      [x(low), y],
      [x(high), y],
    ]),
    polylinePath([
      [x(low), y - 4],
      [x(low), y + 4],
    ]),
    polylinePath([
      [x(high), y - 4],
      [x(high), y + 4],
    ]),
  ];
  return element('path', { d: parts.join(''), stroke: INK, 'stroke-width': 1.3, fill: 'none' });
}

function drawBar(bar: Bar, y: number, color: string, layout: Layout, decimals: number): string {
  const { plot, x, barHeight } = layout;
  const middle = y + barHeight / 2;
  const text = { y: middle + 4, 'font-size': FONT_SIZE.tick };
  if (bar.value === null) return textElement('n/a', { x: plot.x + 6, ...text, fill: MUTED });
  const end = x(bar.value);
  const body = element('rect', {
    x: plot.x,
    y,
    width: Math.max(end - plot.x, 0),
    height: barHeight,
    fill: color,
  });
  const whisker = bar.interval === undefined ? '' : whiskers(bar.interval, middle, x);
  const right = Math.max(end, bar.interval === undefined ? end : x(bar.interval[1])) + 7;
  const value = textElement(bar.value.toFixed(decimals), {
    x: right,
    ...text,
    'font-weight': 600,
    fill: INK,
  });
  return body + whisker + value;
}

function drawGroup(options: BarChartOptions, index: number, layout: Layout): string {
  const { plot, barHeight, groupHeight } = layout;
  const top = plot.y + GAP / 2 + index * groupHeight;
  const height = groupHeight - GAP;
  const at = {
    x: plot.x - 10,
    y: top + height / 2 + 4,
    'text-anchor': 'end',
    'font-size': FONT_SIZE.label,
    fill: INK,
  };
  const bars = options.series.map((series, s) => {
    return drawBar(
      series.bars[index]!,
      top + s * barHeight,
      seriesColor(s),
      layout,
      options.decimals ?? 3,
    );
  });
  return textElement(shorten(options.categories[index]!), at) + bars.join('');
}

function referenceLine(options: BarChartOptions, { plot, x }: Layout): string {
  if (options.reference === undefined) return '';
  const at = x(options.reference.value);
  const label = {
    x: at,
    y: plot.y - 6,
    'text-anchor': 'middle',
    'font-size': FONT_SIZE.note,
    fill: MUTED,
  };
  const mark = line(
    [
      [at, plot.y],
      [at, plot.y + plot.height],
    ],
    '#6b7380',
    { width: 1.3, dash: '4 4' },
  );
  return mark + textElement(options.reference.label, label);
}

function layOut(options: BarChartOptions, top: number): Layout {
  const labels = options.categories.map((name) => textWidth(shorten(name), FONT_SIZE.label));
  const left = Math.max(90, 30 + Math.max(0, ...labels));
  const barHeight = options.series.length === 1 ? 24 : 17;
  const groupHeight = barHeight * options.series.length + GAP;
  const plot = { x: left, y: top, width: 420, height: groupHeight * options.categories.length };
  return {
    plot,
    x: linearScale(options.domain ?? [0, 1], left, left + plot.width),
    barHeight,
    groupHeight,
  };
}

/**
 * Horizontal bars with their values, grouped by category: for instance AUC per data set, one colour
 * a model.
 *
 * @returns a standalone SVG document
 * @throws TypeError for what is no such chart; RangeError when a series has not one bar a category
 */
export function barChart(options: BarChartOptions): string {
  checkSeries(options);
  const head = headerHeight(options);
  const items = options.series.map(({ name }, i) => ({
    name,
    color: seriesColor(i),
    mark: 'box' as const,
  }));
  const legend = legendRow(items.length > 1 ? items : [], 20, head + 6, 480);
  const layout = layOut(options, head + legend.height + (options.reference ? 22 : 6));
  const { plot } = layout;
  const base = line(
    [
      [plot.x, plot.y],
      [plot.x, plot.y + plot.height],
    ],
    INK,
    { width: 1.2 },
  );
  const groups = options.categories.map((_, i) => drawGroup(options, i, layout));
  const { title, subtitle } = options;
  const size = { width: plot.x + plot.width + 70, height: plot.y + plot.height + 58 };
  const contents = [
    legend.svg,
    axis(options, layout),
    referenceLine(options, layout),
    ...groups,
    base,
  ];
  return figure({ ...size, title, ...(subtitle !== undefined && { subtitle }) }, contents);
}
