/** Starts train-child.ts and kills it. */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import type { TrainOptions } from '../../ts/detect/train/options.js';
import type { RuntimeOptions } from '../../ts/runtime.js';

const CHILD = join(__dirname, 'train-child.ts');

export interface ChildEnding {
  /** The exit status, or null when it was killed. */
  status: number | null;
  stderr: string;
}

/**
 * Runs training in a child.
 *
 * @param killAfter milliseconds after the child's first step until `kill -9`; undefined: it may finish
 */
export function trainInChild(
  options: TrainOptions & RuntimeOptions,
  killAfter?: number,
): Promise<ChildEnding> {
  const child = spawn(process.execPath, ['--import', 'tsx', CHILD, JSON.stringify(options)], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stderr = '';
  child.stderr.on('data', (chunk) => (stderr += String(chunk)));
  child.stdout.once('data', () => {
    if (killAfter !== undefined) setTimeout(() => child.kill('SIGKILL'), killAfter);
  });
  return new Promise((resolve) => child.on('close', (status) => resolve({ status, stderr })));
}
