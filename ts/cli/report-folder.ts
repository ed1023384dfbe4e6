/** A folder that a command fills at its end: made, and known to be writable, before any work. */
import { access, constants, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { writeAtomicFile } from '../weights/atomic-folder.js';
import { toIoError } from '../weights/durable.js';

/** Makes the folder, so that a wrong or read-only one costs no time. @throws DeepcodeError ERR_IO */
export async function makeReportFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true });
    await access(folder, constants.W_OK);
  } catch (error) {
    throw toIoError(folder, error);
  }
}

/** Writes files of these names and contents, in place of older ones; returns their paths. @throws DeepcodeError ERR_IO */
export async function writeReport(folder: string, files: Readonly<Record<string, string>>): Promise<string[]> {
  await makeReportFolder(folder);
  const paths: string[] = [];
  for (const [name, content] of Object.entries(files)) {
    paths.push(join(folder, name));
    await writeAtomicFile(paths.at(-1)!, content);
  }
  return paths;
}
