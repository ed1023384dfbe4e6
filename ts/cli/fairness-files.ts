/** The files of `deepcode fairness report`. */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fairnessHtml } from '../fairness/report/html.js';
import { fairnessMarkdown } from '../fairness/report/markdown.js';
import type { FairnessReport } from '../fairness/report/types.js';
import { toIoError } from '../weights/durable.js';
import { writeNewFile } from './new-files.js';

/** Makes the folder, so that a wrong name costs no time. @throws DeepcodeError ERR_IO */
export async function makeReportFolder(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true }).catch((error: unknown) => {
    throw toIoError(folder, error);
  });
}

/** Writes fairness.json, fairness.md and fairness.html, in place of older ones; returns their paths. */
export async function writeFairness(folder: string, report: FairnessReport): Promise<string[]> {
  const files = {
    'fairness.json': `${JSON.stringify(report, null, 2)}\n`,
    'fairness.md': fairnessMarkdown(report),
    'fairness.html': fairnessHtml(report),
  };
  await makeReportFolder(folder);
  const paths: string[] = [];
  for (const [name, content] of Object.entries(files)) {
    paths.push(join(folder, name));
    await writeNewFile(paths.at(-1)!, Buffer.from(content), true);
  }
  return paths;
}
