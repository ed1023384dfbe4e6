/** Files with a picture for each image, such as heat maps: one an image, none twice, none overwritten by accident. */
import { existsSync } from 'node:fs';
import { join, parse } from 'node:path';
import { UsageError } from './exit-codes.js';
import { writeNewFile } from './new-files.js';
import { makeReportFolder } from './report-folder.js';

/** What a picture shows; part of its file's name. */
export type PictureKind = 'heatmap' | 'faces';

/** A file name for each path, unique among them, in `folder`. */
export function pictureNames(
  folder: string,
  paths: readonly string[],
  kind: PictureKind,
): Map<string, string> {
  const taken = new Set<string>();
  const names = new Map<string, string>();
  for (const path of paths) {
    const stem = path === '-' ? 'stdin' : parse(path).name;
    let name = `${stem}.${kind}.png`;
    for (let i = 2; taken.has(name); i++) name = `${stem}-${i}.${kind}.png`;
    taken.add(name);
    names.set(path, join(folder, name));
  }
  return names;
}

export interface PictureFiles {
  /** Writes the picture of `path` and returns the file's name. */
  write(path: string, png: Buffer): Promise<string>;
}

/** Makes the folder and plans the files. Throws UsageError when one exists and `force` is not set. */
export async function openPictureFiles(
  folder: string,
  paths: readonly string[],
  { kind, force }: { kind: PictureKind; force: boolean },
): Promise<PictureFiles> {
  const names = pictureNames(folder, paths, kind);
  const existing = [...names.values()].filter((name) => existsSync(name));
  if (existing.length > 0 && !force) {
    throw new UsageError(
      `${existing[0]} exists already (${existing.length} in all). Pass --force to replace them.`,
    );
  }
  await makeReportFolder(folder);
  return {
    async write(path, png) {
      const name = names.get(path)!;
      await writeNewFile(name, png, force);
      return name;
    },
  };
}
