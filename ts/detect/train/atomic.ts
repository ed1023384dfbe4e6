import { createHash } from 'node:crypto';
import { mkdir, open, readFile, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

async function sync(path: string): Promise<void> {
  const file = await open(path, 'r');
  await file.sync();
  await file.close();
}
const sha = async (path: string): Promise<string> => createHash('sha256').update(await readFile(path)).digest('hex');

export async function writeAtomicFile(path: string, content: string): Promise<void> {
  await writeFile(`${path}.tmp`, content);
  await sync(`${path}.tmp`);
  await rename(`${path}.tmp`, path);
}

export async function writeAtomicFolder(path: string, write: (temporary: string) => Promise<void>): Promise<void> {
  const temporary = join(dirname(path), `.tmp-${process.pid}`);
  await mkdir(temporary, { recursive: true });
  await write(temporary);
  const manifest: Record<string, string> = {};
  for (const name of await readdir(temporary)) manifest[name] = await sha(join(temporary, name));
  await writeFile(join(temporary, 'manifest.json'), JSON.stringify(manifest));
  await rm(path, { recursive: true, force: true });
  await rename(temporary, path);
}

export async function isCompleteFolder(path: string): Promise<boolean> {
  try {
    const manifest = JSON.parse(await readFile(join(path, 'manifest.json'), 'utf8')) as Record<string, string>;
    for (const [name, digest] of Object.entries(manifest)) if ((await sha(join(path, name))) !== digest) return false;
    return true;
  } catch {
    return false;
  }
}
