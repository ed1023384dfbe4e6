import { checkEach, checkFields } from '../arguments.js';
import { figure, headerHeight } from './figure.js';
import { legendRow, type LegendItem } from './legend.js';
import { marker, markerShape, markerStyle, type MarkerShape } from './marks.js';
import { linearPanel, type Panel, type Rect } from './panel.js';
import { extent, type Domain } from './scale.js';
import { element } from './svg.js';
import { INK, seriesColor } from './theme.js';

export type Point2d = readonly [x: number, y: number];

export interface ScatterGroup {
  /** For instance 'real'. Groups of one name look alike in every panel. */
  name: string;
  points: readonly Point2d[];
  color?: string;
}

export interface ScatterPanel {
  title?: string;
  xLabel: string;
  yLabel: string;
  groups: readonly ScatterGroup[];
  /** A marked point, for instance the centre that Single-Center Loss learned. */
  centre?: { name: string; point: Point2d };
}

export interface ScatterPlotOptions {
  title: string;
  subtitle?: string;
  /**
   * One or more plots side by side, each with its own scale; x and y share one, so that distances
   * are true.
   */
  panels: readonly ScatterPanel[];
}

function checkOptions(options: ScatterPlotOptions): void {
  checkFields('options', options, { title: 'text', panels: 'list' });
  checkEach('options.panels', options.panels, { xLabel: 'text', yLabel: 'text', groups: 'list' });
  options.panels.forEach(({ groups }, i) => {
    checkEach(`options.panels[${i}].groups`, groups, { name: 'text', points: 'list' });
  });
}

const SIDE = 380;
const TURNS = 8;
const SHAPES: readonly MarkerShape[] = ['circle', 'triangle', 'square'];

/** Domains of equal span around the points, with 6 % of room. */
function squareDomains(points: readonly Point2d[]): { x: Domain; y: Domain } {
  const x = extent(points.map((point) => point[0]));
  const y = extent(points.map((point) => point[1]));
  const half = 0.53 * Math.max(x[1] - x[0], y[1] - y[0]);
  const around = ([low, high]: Domain): Domain => [
    (low + high) / 2 - half,
    (low + high) / 2 + half,
  ];
  return { x: around(x), y: around(y) };
}

function legendItems(panels: readonly ScatterPanel[]): Map<string, LegendItem> {
  const items = new Map<string, LegendItem>();
  for (const { name, color } of panels.flatMap((panel) => panel.groups)) {
    const index = items.size;
    if (items.has(name)) continue;
    items.set(name, {
      name,
      color: color ?? seriesColor(index),
      mark: SHAPES[index % SHAPES.length]!,
    });
  }
  for (const { centre } of panels) {
    if (centre) items.set(centre.name, { name: centre.name, color: INK, mark: 'star' });
  }
  return items;
}

/**
 * The groups' points in turns of an eighth each, so that the last group does not hide the others. A
 * turn shares one style, which keeps the file small.
 */
function drawGroups(
  groups: readonly ScatterGroup[],
  panel: Panel,
  items: Map<string, LegendItem>,
): string {
  const count = groups.reduce((sum, group) => sum + group.points.length, 0);
  const radius = count > 600 ? 2.6 : 3.6;
  const turn = ({ name, points }: ScatterGroup, k: number): string => {
    const { mark, color } = items.get(name)!;
    const shape = mark as MarkerShape;
    const dots = points
      .filter((_, i) => i % TURNS === k)
      .map(([x, y]) => markerShape(shape, panel.x(x), panel.y(y), radius));
    return dots.length === 0 ? '' : element('g', markerStyle(shape, color, 0.7), ...dots);
  };
  return Array.from({ length: TURNS }, (_, k) =>
    groups.map((group) => turn(group, k)).join(''),
  ).join('');
}

function drawPanel(spec: ScatterPanel, plot: Rect, items: Map<string, LegendItem>): string {
  const points = spec.groups.flatMap((group) => group.points);
  const domains = squareDomains(spec.centre ? [...points, spec.centre.point] : points);
  const axisX = { label: spec.xLabel, domain: domains.x, grid: true };
  const panel = linearPanel(plot, axisX, { label: spec.yLabel, domain: domains.y }, spec.title);
  const centre = spec.centre?.point;
  const star = centre ? marker('star', panel.x(centre[0]), panel.y(centre[1]), 11, INK) : '';
  return [panel.svg, drawGroups(spec.groups, panel, items), star].join('');
}

/**
 * Points in the plane by group, for instance a 2-D projection of features, real and fake.
 *
 * @returns a standalone SVG document
 * @throws TypeError for what is no such plot; DeepcodeError ERR_SHAPE when a panel has no points,
 *   ERR_NONFINITE for one that is not finite
 */
export function scatterPlot(options: ScatterPlotOptions): string {
  checkOptions(options);
  const { title, subtitle, panels } = options;
  const items = legendItems(panels);
  const head = headerHeight(options);
  const width = panels.length * (SIDE + 96);
  const legend = legendRow([...items.values()], 22, head + 6, width - 40);
  const top = head + legend.height + (panels.some((panel) => panel.title !== undefined) ? 28 : 10);
  const drawn = panels.map((panel, i) => {
    return drawPanel(panel, { x: i * (SIDE + 96) + 72, y: top, width: SIDE, height: SIDE }, items);
  });
  const size = { width, height: top + SIDE + 58 };
  return figure({ ...size, title, ...(subtitle !== undefined && { subtitle }) }, [
    legend.svg,
    ...drawn,
  ]);
}
