// Reliability diagram (Guo et al. 2017, figure 1; DeGroot & Fienberg 1983).

import { checkEach, checkFields } from '../arguments.js';
import { type ReliabilityBin } from '../metrics/calibration.js';
import { figure, headerHeight } from './figure.js';
import { legendRow } from './legend.js';
import { line, marker } from './marks.js';
import { linearPanel, type Panel, type Rect } from './panel.js';
import { niceDomain } from './scale.js';
import { element } from './svg.js';
import { seriesColor } from './theme.js';

export interface ReliabilityDiagramOptions {
  /** Default 'Calibration'. */
  title?: string;
  subtitle?: string;
  /** For instance 'before' and 'after temperature scaling'. Bins come from `reliabilityBins`. */
  curves: readonly { name: string; bins: readonly ReliabilityBin[] }[];
  /** Default 'Predicted P(fake)'. */
  xLabel?: string;
  /** Default 'Share of fakes'. */
  yLabel?: string;
}

const SIDE = 360;
const STRIP = 78;
const UNIT = { domain: [0, 1] as const, ticks: [0, 0.2, 0.4, 0.6, 0.8, 1] };

function checkOptions(options: ReliabilityDiagramOptions): void {
  checkFields('options', options, { curves: 'list' });
  checkEach('options.curves', options.curves, { name: 'text', bins: 'list' });
  options.curves.forEach(({ bins }, i) => checkEach(`options.curves[${i}].bins`, bins, { count: 'number' }));
}

type Curve = ReliabilityDiagramOptions['curves'][number];

function drawCurve({ bins }: Curve, panel: Panel, color: string): string {
  const points = bins
    .filter((bin) => bin.count > 0)
    .map((bin) => [panel.x(bin.meanPredicted!), panel.y(bin.observed!)] as const);
  return line(points, color) + points.map(([x, y]) => marker('circle', x, y, 4.2, color)).join('');
}

function percentages({ bins }: Curve): number[] {
  const total = bins.reduce((sum, bin) => sum + bin.count, 0);
  return bins.map((bin) => (total === 0 ? 0 : (100 * bin.count) / total));
}

function drawStrip(curves: readonly Curve[], plot: Rect, xLabel: string): string {
  const heights = curves.map(percentages);
  const domain = niceDomain([0, Math.max(1, ...heights.flat())], 2);
  const panel = linearPanel(
    plot,
    { label: xLabel, ...UNIT },
    { label: '% of images', domain, ticks: [0, domain[1]] },
  );
  const bars = curves.flatMap(({ bins }, c) =>
    bins.map((bin, i) => {
      const slot = (panel.x(bin.upper) - panel.x(bin.lower) - 2) / curves.length;
      const y = panel.y(heights[c]![i]!);
      const x = panel.x(bin.lower) + 1 + c * slot;
      return element('rect', {
        x,
        y,
        width: slot,
        height: panel.y(0) - y,
        fill: seriesColor(c),
        'fill-opacity': 0.75,
      });
    }),
  );
  return panel.svg + bars.join('');
}

/**
 * Predicted probability against the observed share, with how many images each bin holds below. On
 * the dashed diagonal, P(fake) means what it says.
 *
 * @returns a standalone SVG document
 * @throws TypeError for what is no such diagram
 */
export function reliabilityDiagram(options: ReliabilityDiagramOptions): string {
  checkOptions(options);
  const { title = 'Calibration', subtitle, curves } = options;
  const { xLabel = 'Predicted P(fake)', yLabel = 'Share of fakes' } = options;
  const head = headerHeight(options);
  const items = curves.map(({ name }, i) => ({ name, color: seriesColor(i) }));
  const legend = legendRow(
    [...items, { name: 'perfect', color: '#8a929c', dash: '4 4' }],
    22,
    head + 6,
    SIDE + 60,
  );
  const plot = { x: 72, y: head + legend.height + 10, width: SIDE, height: SIDE };
  const panel = linearPanel(plot, { label: '', ...UNIT, grid: true }, { label: yLabel, ...UNIT });
  const diagonal = line(
    [
      [panel.x(0), panel.y(0)],
      [panel.x(1), panel.y(1)],
    ],
    '#8a929c',
    { width: 1.2, dash: '4 4' },
  );
  const strip = { x: plot.x, y: plot.y + SIDE + 40, width: SIDE, height: STRIP };
  const drawn = curves.map((curve, i) => drawCurve(curve, panel, seriesColor(i)));
  const contents = [legend.svg, panel.svg, diagonal, ...drawn, drawStrip(curves, strip, xLabel)];
  const size = { width: SIDE + 100, height: strip.y + STRIP + 56 };
  return figure({ ...size, title, ...(subtitle !== undefined && { subtitle }) }, contents);
}
