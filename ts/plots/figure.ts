import { element, escapeXml, textElement } from './svg.js';
import { BACKGROUND, FONT_FAMILY, FONT_SIZE, INK, MUTED } from './theme.js';

export interface FigureOptions {
  width: number;
  height: number;
  title: string;
  /** One line below the title. */
  subtitle?: string;
}

/** Height of the title block: where the contents begin. */
export function headerHeight(options: { subtitle?: string }): number {
  return options.subtitle === undefined ? 44 : 62;
}

/** A complete SVG document on a white ground, with its title for screen readers. */
export function figure(options: FigureOptions, contents: readonly string[]): string {
  const { width, height, title, subtitle } = options;
  const heading = { x: 20, y: 29, 'font-size': FONT_SIZE.title, 'font-weight': 700, fill: INK };
  const below = { x: 20, y: 49, 'font-size': FONT_SIZE.tick, fill: MUTED };
  const root = {
    xmlns: 'http://www.w3.org/2000/svg',
    width,
    height,
    viewBox: `0 0 ${width} ${height}`,
    role: 'img',
    'font-family': FONT_FAMILY,
  };
  const parts = [
    `<title>${escapeXml(title)}</title>`,
    element('rect', { width, height, fill: BACKGROUND }),
    textElement(title, heading),
    subtitle === undefined ? '' : textElement(subtitle, below),
    ...contents,
  ];
  return `${element('svg', root, '\n', parts.filter((part) => part !== '').join('\n'), '\n')}\n`;
}
