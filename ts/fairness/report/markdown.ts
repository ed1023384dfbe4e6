import { FIGURES } from '../metrics/figures.js';
import { checkReport } from './check.js';
import { figuresTable, groupsTable, headline, thresholdText } from './tables.js';
import type { FairnessReport } from './types.js';
import { FIGURE_LABELS, FIGURE_MEANINGS, FIGURES_READING, SMALL_MARK } from './wording.js';

/** Names of models, data sets and groups come from files: they must stay text. */
const plain = (text: string): string =>
  text.replace(/[\p{Cc}\u2028\u2029]+/gu, ' ').replace(/[\\`*_[\]<>|#]/g, (character) => (character === '<' ? '&lt;' : `\\${character}`));

/** The report as a Markdown document. @throws TypeError for what is no report */
export function fairnessMarkdown(report: FairnessReport): string {
  checkReport(report);
  const { bootstrap, minGroup } = report;
  const percent = `${+(100 * bootstrap.confidence).toFixed(1)} %`;
  const families = report.families.map((family) => `## ${plain(family.name)}\n\n${groupsTable(family.groups, 'markdown')}\n`);
  const meanings = FIGURES.map((name) => `- ${plain(FIGURE_LABELS[name])}: ${FIGURE_MEANINGS[name]}`);
  return [
    '# Fairness report\n',
    `${plain(headline(report))}. Threshold: ${plain(thresholdText(report))}. ` +
      `In brackets: ${percent} bootstrap intervals of ${bootstrap.resamples} resamples. ` +
      `${plain(SMALL_MARK)} marks rates of fewer than ${minGroup} images, which no figure is made of.\n`,
    '## All images\n',
    `${groupsTable([report.overall], 'markdown')}\n`,
    '## Figures\n',
    `0 is fair. ${FIGURES_READING}\n\n${figuresTable(report.families, 'markdown')}\n`,
    `${meanings.join('\n')}\n`,
    ...families,
    ...(report.notes.length === 0 ? [] : ['## Notes\n', `${report.notes.map((note) => `- ${plain(note)}`).join('\n')}\n`]),
  ].join('\n');
}
