/** Pages of photos beside their images, with the prompts under them. */
import { readdir, rm } from 'node:fs/promises';
import { decodeImage } from '../data/decode.js';
import { compareNames } from '../data/datasets/names.js';
import { COMPOSITE_SOURCE_TYPE, markGenerated } from '../generate/png-metadata.js';
import { contactSheet, PAIRS_PER_PAGE, type PicturePair } from '../plots/contact-sheet.js';
import { writeAtomicFile } from '../weights/atomic-folder.js';
import type { FinishedRecord } from './record.js';
import type { SynthesisFolder } from './synthesis-folder.js';

function titleOf({ name, outcome, distance, threshold, attempts, kept }: FinishedRecord): string {
  const verdict = outcome === 'accepted' ? `accepted, attempt ${kept + 1}` : `best of ${attempts.length}`;
  const sign = outcome === 'accepted' ? 'within' : '>';
  return `${verdict}: ${distance.toPrecision(4)} ${sign} ${threshold.toPrecision(4)}  ${name}`;
}

async function* pairsOf(records: readonly FinishedRecord[], folder: SynthesisFolder, signal?: AbortSignal): AsyncGenerator<PicturePair> {
  for (const record of records) {
    const [left, right] = [await decodeImage(folder.file(record.real), { signal }), await decodeImage(folder.file(record.fake), { signal })];
    yield { left, right, title: titleOf(record), text: record.attempts[record.kept]!.prompt };
  }
}

async function removeSheets(folder: SynthesisFolder): Promise<void> {
  for (const name of await readdir(folder.path)) {
    if (/^contact-sheet-\d+\.png$/.test(name)) await rm(folder.file(name));
  }
}

/** Writes all pages anew. @returns their paths; rejects with ERR_IO or AbortError */
export async function writeContactSheets(
  records: readonly FinishedRecord[],
  folder: SynthesisFolder,
  signal: AbortSignal | undefined,
): Promise<string[]> {
  await removeSheets(folder);
  const sorted = [...records].sort((a, b) => compareNames(a.name, b.name));
  const paths: string[] = [];
  for (let first = 0; first < sorted.length; first += PAIRS_PER_PAGE) {
    const page = sorted.slice(first, first + PAIRS_PER_PAGE);
    const png = await contactSheet(pairsOf(page, folder, signal), page.length);
    const path = folder.sheet(paths.length + 1);
    await writeAtomicFile(path, markGenerated(png, 'Real photos on the left, generated images on the right', COMPOSITE_SOURCE_TYPE));
    paths.push(path);
  }
  return paths;
}
