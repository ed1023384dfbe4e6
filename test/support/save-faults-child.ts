/**
 * Arguments: "prepare" or "attempt", and a folder. Prepare writes a file of each kind there; attempt overwrites
 * them with 32 MB, which has to fail, and prints as JSON what happened and what is there afterwards.
 */
import { readFileSync, readdirSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { writeAtomicFile, writeAtomicFolder } from '../../ts/weights/atomic-folder.js';
import { isCompleteFolder } from '../../ts/weights/folder-manifest.js';
import { readSafetensors, writeSafetensors } from '../../ts/weights/safetensors.js';

const TOO_MUCH = 32 << 20;

async function codeOf(promise: Promise<void>): Promise<unknown> {
  return promise.then(() => 'no error', (error: { code?: unknown }) => error.code);
}

function save(folder: string, bytes: number): Promise<void> {
  return writeAtomicFolder(folder, (fresh) => writeFile(join(fresh, 'a'), Buffer.alloc(bytes)));
}

function write(path: string, count: number): Promise<void> {
  return writeSafetensors(path, { w: { dtype: 'U8', shape: [count], data: new Uint8Array(count) } });
}

async function main(mode: string, folder: string): Promise<void> {
  const at = (name: string): string => join(folder, name);
  if (mode === 'prepare') {
    await write(at('w.safetensors'), 1);
    await writeAtomicFile(at('text'), 'old');
    return save(at('state'), 1);
  }
  const codes = [
    await codeOf(write(at('w.safetensors'), TOO_MUCH)),
    await codeOf(writeAtomicFile(at('text'), Buffer.alloc(TOO_MUCH))),
    await codeOf(save(at('state'), TOO_MUCH)),
  ];
  const shape = (await readSafetensors(at('w.safetensors'))).tensors.get('w')?.shape;
  const text = readFileSync(at('text'), 'utf8');
  const complete = await isCompleteFolder(at('state'));
  console.log(JSON.stringify({ codes, shape, text, complete, files: readdirSync(folder).sort() }));
}

void main(process.argv[2]!, process.argv[3]!);
