/**
 * One page with the charts. It is HTML and well-formed XML at once, carries everything with it, and its policy lets
 * a browser load nothing from anywhere.
 */
import { element, escapeXml } from '../../plots/svg.js';
import { FONT_FAMILY, GRID, INK, MUTED } from '../../plots/theme.js';
import { fairnessCharts } from './charts.js';
import { checkReport } from './check.js';
import { headline, thresholdText } from './tables.js';
import type { FairnessReport } from './types.js';

const STYLE = [
  `body { margin: 24px auto; padding: 0 20px; max-width: 1240px; font-family: ${FONT_FAMILY}; color: ${INK}; background: #fff; }`,
  'h1 { font-size: 24px; }',
  'h2 { font-size: 18px; margin-top: 32px; }',
  `p, li { font-size: 15px; line-height: 1.45; color: ${MUTED}; }`,
  '.charts { display: flex; flex-wrap: wrap; gap: 20px; align-items: flex-start; }',
  `.charts div { border: 1px solid ${GRID}; border-radius: 6px; overflow-x: auto; }`,
].join('\n');

const POLICY = "default-src 'none'; style-src 'unsafe-inline'";

/** The page; its first line is the document type, what follows parses as XML. @throws TypeError for what is no report */
export function fairnessHtml(report: FairnessReport): string {
  checkReport(report);
  const paragraph = (text: string): string => element('p', {}, escapeXml(text));
  const head = element(
    'head',
    {},
    element('meta', { charset: 'utf-8' }),
    element('meta', { 'http-equiv': 'Content-Security-Policy', content: POLICY }),
    element('meta', { name: 'viewport', content: 'width=device-width, initial-scale=1' }),
    element('title', {}, 'Fairness report'),
    element('style', {}, STYLE),
  );
  const notes = report.notes.length === 0 ? [] : [element('h2', {}, 'Notes'), element('ul', {}, ...report.notes.map((note) => element('li', {}, escapeXml(note))))];
  const body = element(
    'body',
    {},
    element('h1', {}, 'Fairness report'),
    paragraph(`${headline(report)}.`),
    paragraph(`Threshold: ${thresholdText(report)}.`),
    element('div', { class: 'charts' }, ...fairnessCharts(report).map((svg) => element('div', {}, svg))),
    ...notes,
  );
  return `<!DOCTYPE html>\n${element('html', { lang: 'en' }, '\n', head, '\n', body, '\n')}\n`;
}
