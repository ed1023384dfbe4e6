/** The files of `deepcode fairness report`. */
import { fairnessHtml } from '../fairness/report/html.js';
import { fairnessMarkdown } from '../fairness/report/markdown.js';
import type { FairnessReport } from '../fairness/report/types.js';

/** Names and contents. */
export function fairnessFiles(report: FairnessReport): Record<string, string> {
  return {
    'fairness.json': `${JSON.stringify(report, null, 2)}\n`,
    'fairness.md': fairnessMarkdown(report),
    'fairness.html': fairnessHtml(report),
  };
}
