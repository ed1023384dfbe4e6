import { checkEach, checkFields } from '../arguments.js';
import { DeepcodeError, outOfRange } from '../errors.js';
import { figure, headerHeight } from './figure.js';
import { legendRow } from './legend.js';
import { area, line } from './marks.js';
import { linearPanel, type Panel } from './panel.js';
import { extent, niceDomain, type Domain } from './scale.js';
import { element, textElement } from './svg.js';
import { FONT_SIZE, INK, seriesColor } from './theme.js';

export interface HistogramGroup {
  /** For instance 'real'. */
  name: string;
  values: ArrayLike<number>;
  color?: string;
}

export interface HistogramOptions {
  title: string;
  subtitle?: string;
  groups: readonly HistogramGroup[];
  xLabel: string;
  /** Number of bins, 1 to 500. Default 30. */
  bins?: number;
  /** Default: from the data, to round numbers. Values outside are counted in the outermost bins. */
  domain?: Domain;
  /** Vertical dashed lines with a label, for instance the decision threshold. */
  marks?: readonly { x: number; label: string }[];
  /** A grey span behind the data, for instance the "unsure" band. */
  band?: { from: number; to: number; label: string };
}

const BAND = '#e9ebee';

/** The share of values in each bin, in percent. */
function shares({ name, values }: HistogramGroup, [low, high]: Domain, bins: number): number[] {
  const counts = new Array<number>(bins).fill(0);
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    if (!Number.isFinite(value)) {
      throw new DeepcodeError(
        'ERR_NONFINITE',
        `Value ${i} of '${name}' is ${value}; a histogram needs finite values.`,
      );
    }
    const bin = Math.floor(((value - low) / (high - low)) * bins);
    counts[Math.min(bins - 1, Math.max(0, bin))]!++;
  }
  return counts.map((count) => (values.length === 0 ? 0 : (100 * count) / values.length));
}

function outline(
  heights: readonly number[],
  [low, high]: Domain,
  panel: Panel,
): (readonly [number, number])[] {
  const width = (high - low) / heights.length;
  return heights.flatMap((height, i) => {
    const y = panel.y(height);
    return [[panel.x(low + i * width), y] as const, [panel.x(low + (i + 1) * width), y] as const];
  });
}

function drawMarks(options: HistogramOptions, panel: Panel): string {
  const { plot } = panel;
  return (options.marks ?? [])
    .map(({ x, label }) => {
      const at = panel.x(x);
      const text = {
        x: at,
        y: plot.y - 6,
        'text-anchor': 'middle',
        'font-size': FONT_SIZE.note,
        fill: INK,
      };
      return (
        line(
          [
            [at, plot.y],
            [at, plot.y + plot.height],
          ],
          INK,
          { width: 1.3, dash: '4 3' },
        ) + textElement(label, text)
      );
    })
    .join('');
}

function drawBand({ band }: HistogramOptions, panel: Panel): string {
  if (band === undefined) return '';
  const [left, right] = [panel.x(band.from), panel.x(band.to)];
  const { y, height } = panel.plot;
  return element('rect', { x: left, y, width: right - left, height, fill: BAND });
}

/**
 * Overlaid histograms, each in percent of its own group, so that groups of different size compare.
 *
 * @returns a standalone SVG document
 * @throws TypeError for what is no such plot; DeepcodeError ERR_SHAPE without a value, ERR_NONFINITE
 *   for NaN or Inf; RangeError for bins
 */
export function histogram(options: HistogramOptions): string {
  checkFields('options', options, { title: 'text', xLabel: 'text' });
  checkEach('options.groups', options.groups, { name: 'text', values: 'numbers' });
  const { title, subtitle, groups, xLabel, bins = 30 } = options;
  if (!Number.isInteger(bins) || bins < 1 || bins > 500)
    throw outOfRange('bins', 'a whole number from 1 to 500', bins);
  const domain =
    options.domain ?? niceDomain(extent(groups.flatMap(({ values }) => Array.from(values))), 8);
  const heights = groups.map((group) => shares(group, domain, bins));
  const colors = groups.map((group, i) => group.color ?? seriesColor(i));
  const [width, height, head] = [640, 400, headerHeight(options)];
  const items = groups.map(({ name }, i) => ({ name, color: colors[i]!, mark: 'box' as const }));
  if (options.band) items.push({ name: options.band.label, color: BAND, mark: 'box' });
  const legend = legendRow(items, 20, head + 6, width - 40);
  const top = head + legend.height + (options.marks?.length ? 24 : 10);
  const plot = { x: 68, y: top, width: width - 92, height: height - top - 56 };
  const yDomain = niceDomain([0, Math.max(...heights.flat(), 1)]);
  const panel = linearPanel(
    plot,
    { label: xLabel, domain },
    { label: 'Share of images (%)', domain: yDomain },
  );
  const drawn = heights.map((shape, i) => {
    const points = outline(shape, domain, panel);
    return area(points, panel.y(0), colors[i]!, 0.32) + line(points, colors[i]!, { width: 1.6 });
  });
  const contents = [
    legend.svg,
    drawBand(options, panel),
    panel.svg,
    ...drawn,
    drawMarks(options, panel),
  ];
  return figure({ width, height, title, ...(subtitle !== undefined && { subtitle }) }, contents);
}
