/** `manifest.json`: which files a folder consists of, with size and SHA-256. Written last, it makes a folder complete. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readFile, readdir, stat, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { DeepcodeError } from '../errors.js';

export const MANIFEST_FILE = 'manifest.json';
const VERSION = 1;

interface FileRecord {
  /** In bytes. */
  size: number;
  /** In hexadecimal. */
  sha256: string;
}

interface FolderManifest {
  version: number;
  /** By path relative to the folder, with `/`. */
  files: Record<string, FileRecord>;
}

async function recordOf(path: string): Promise<FileRecord> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash);
  return { size: (await stat(path)).size, sha256: hash.digest('hex') };
}

/** The files below `folder` but its manifest, relative to it and sorted. Anything else but folders is an error. */
export async function filesBelow(folder: string, prefix = ''): Promise<string[]> {
  const files: string[] = [];
  for (const entry of await readdir(join(folder, prefix), { withFileTypes: true })) {
    const path = prefix === '' ? entry.name : `${prefix}/${entry.name}`;
    if (entry.isDirectory()) {
      for (const file of await filesBelow(folder, path)) files.push(file);
    } else if (entry.isFile()) files.push(path);
    else throw new DeepcodeError('ERR_IO', `${entry.name} in ${basename(folder)} is neither a file nor a folder.`);
  }
  return files.filter((file) => file !== MANIFEST_FILE).sort();
}

/** `files` as {@link filesBelow} gives them. */
export async function writeManifest(folder: string, files: readonly string[]): Promise<void> {
  const manifest: FolderManifest = { version: VERSION, files: {} };
  for (const file of files) manifest.files[file] = await recordOf(join(folder, file));
  await writeFile(join(folder, MANIFEST_FILE), `${JSON.stringify(manifest, null, 2)}\n`);
}

function isInside(file: string): boolean {
  return !file.startsWith('/') && !file.includes('\0') && !file.split('/').includes('..');
}

function parseManifest(text: string): [string, FileRecord][] | undefined {
  try {
    const { version, files } = JSON.parse(text) as Partial<FolderManifest>;
    if (version !== VERSION || typeof files !== 'object' || files === null) return undefined;
    const entries = Object.entries(files);
    return entries.every(([file, record]) => isInside(file) && typeof record?.sha256 === 'string') ? entries : undefined;
  } catch {
    return undefined;
  }
}

async function isIntact(path: string, expected: FileRecord): Promise<boolean> {
  const found = await stat(path).catch(() => undefined);
  if (found === undefined || !found.isFile() || found.size !== expected.size) return false;
  return (await recordOf(path)).sha256 === expected.sha256;
}

/**
 * Holds every file of the manifest against its size and hash. Further files are tolerated.
 *
 * Throws DeepcodeError ERR_CHECKSUM where the manifest or a file is missing or differs.
 */
export async function verifyFolder(folder: string): Promise<void> {
  const text = await readFile(join(folder, MANIFEST_FILE), 'utf8').catch(() => '');
  const entries = parseManifest(text);
  if (entries === undefined) throw new DeepcodeError('ERR_CHECKSUM', `${basename(folder)} is not complete: it has no valid manifest.`);
  for (const [file, expected] of entries) {
    if (await isIntact(join(folder, file), expected)) continue;
    throw new DeepcodeError('ERR_CHECKSUM', `${file} in ${basename(folder)} is missing or damaged. Use another copy.`);
  }
}

/** Whether {@link verifyFolder} passes. */
export async function isCompleteFolder(folder: string): Promise<boolean> {
  try {
    await verifyFolder(folder);
    return true;
  } catch (error) {
    if (error instanceof DeepcodeError && error.code === 'ERR_CHECKSUM') return false;
    throw error;
  }
}
