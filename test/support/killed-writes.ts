/** Processes that write one file over and over and are killed at a random moment. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const CHILD = join(__dirname, 'killed-writes-child.ts');

/** The child has written `path` once when the clock starts; it is killed `delay` milliseconds later. */
export async function killWriter(path: string, delay: number): Promise<void> {
  const child = spawn(process.execPath, ['--import', 'tsx', CHILD, path], { stdio: ['ignore', 'pipe', 'inherit'] });
  await once(child.stdout, 'data');
  await sleep(delay);
  child.kill('SIGKILL');
  const [, signal] = (await once(child, 'exit')) as [number | null, string | null];
  assert.equal(signal, 'SIGKILL');
}
