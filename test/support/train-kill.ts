/** Starts train-child.ts and kills it. */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import type { TrainOptions } from '../../ts/detect/train/options.js';
import type { FairTrainOptions } from '../../ts/fairness/train/options.js';
import type { RuntimeOptions } from '../../ts/runtime.js';

const CHILD = join(__dirname, 'train-child.ts');

export interface ChildEnding {
  /** The exit status, or null when it was killed. */
  status: number | null;
  stderr: string;
}

/** `kill -9` this many milliseconds after this many steps of the child. */
export interface Kill {
  steps: number;
  delay: number;
}

/** Runs training of a ViT in a child, to its end or until it is killed. */
export function trainInChild(options: TrainOptions & RuntimeOptions, kill?: Kill): Promise<ChildEnding> {
  return runChild('vit', options, kill);
}

/** The same for the fairness-aware detector. */
export function trainFairInChild(options: FairTrainOptions & RuntimeOptions, kill?: Kill): Promise<ChildEnding> {
  return runChild('fair', options, kill);
}

function runChild(network: 'vit' | 'fair', options: object, kill: Kill | undefined): Promise<ChildEnding> {
  const child = spawn(process.execPath, ['--import', 'tsx', CHILD, JSON.stringify(options), network], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stderr = '';
  let steps = 0;
  child.stderr.on('data', (chunk) => (stderr += String(chunk)));
  child.stdout.on('data', (chunk) => {
    const before = steps;
    steps += String(chunk).split('\n').length - 1;
    if (!kill || before >= kill.steps || steps < kill.steps) return;
    setTimeout(() => child.kill('SIGKILL'), kill.delay);
  });
  return new Promise((resolve) => child.on('close', (status) => resolve({ status, stderr })));
}
