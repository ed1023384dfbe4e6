import { checkEach, checkFields } from '../../arguments.js';
import type { FairnessReport } from './types.js';

/** What `fairnessReport` makes, in its rough shape. @throws TypeError naming the field that is wrong */
export function checkReport(report: FairnessReport): void {
  checkFields('report', report, {
    count: 'number',
    threshold: 'object',
    minGroup: 'number',
    bootstrap: 'object',
    overall: 'object',
    families: 'list',
    notes: 'texts',
  });
  checkFields('report.threshold', report.threshold, { rule: 'object', ofModel: 'number' });
  checkFields('report.bootstrap', report.bootstrap, { resamples: 'number', confidence: 'number' });
  checkEach('report.families', report.families, { name: 'text', groups: 'list', pooled: 'object', figures: 'object' });
}
