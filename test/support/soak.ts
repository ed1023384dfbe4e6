/** Runs test/binding/children/soak.cjs, and says what a scenario did to the process. */
import { strictEqual } from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeRandomVit, type RandomVitOptions } from './random-vit.js';

const CHILD = join(__dirname, '..', 'binding', 'children', 'soak.cjs');

/** A network that computes for some milliseconds, so that there is time to abort it. */
const SLOW_VIT: RandomVitOptions = { embedDim: 192, depth: 12, numHeads: 3, imageSize: 224 };

// V8 lets its young generation grow to tens of megabytes in a busy process, which is not what is measured.
const NODE_FLAGS = ['--expose-gc', '--max-semi-space-size=1'];

// One thread: on a busy machine, threads of a small network mostly wait for each other.
const ENVIRONMENT = { ...process.env, OMP_NUM_THREADS: '1' };

export type GrowthScenario = 'predictions' | 'facade' | 'lifecycle' | 'sizes' | 'workers';

interface Census {
  /** Bytes after garbage collection. */
  rss: number;
  threads: number;
}

export interface Growth {
  before: Census;
  after: Census;
  /** How much more memory is resident at the end than after the warm-up. */
  megabytes: number;
}

export interface Aborts {
  logits: [number, number][];
  outcomes: { AbortError: number; finished: number };
  /** Calls after an abort whose logits were others than before. */
  changed: number;
}

function run(scenario: string, vit: RandomVitOptions, times: number, warmUp: number): unknown {
  const folder = mkdtempSync(join(tmpdir(), 'deepcode-soak-'));
  try {
    writeRandomVit(folder, vit);
    const args = [...NODE_FLAGS, CHILD, scenario, folder, String(times), String(warmUp)];
    const child = spawnSync(process.execPath, args, { encoding: 'utf8', env: ENVIRONMENT });
    strictEqual(child.status, 0, `${scenario} ended with ${child.status ?? child.signal}: ${child.stderr}`);
    return JSON.parse(child.stdout);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** libvips, which decodes, starts and ends threads of its own: at most one a core. The others are ours. */
export function threadsMayGrowBy(scenario: GrowthScenario): number {
  return ['facade', 'lifecycle', 'sizes'].includes(scenario) ? availableParallelism() : 0;
}

/** Does a scenario `warmUp` times, then `times` times more. */
export function growthOf(scenario: GrowthScenario, times: number, warmUp: number): Growth {
  const { before, after } = run(scenario, {}, times, warmUp) as Omit<Growth, 'megabytes'>;
  return { before, after, megabytes: (after.rss - before.rss) / 2 ** 20 };
}

/** Aborts a call at 20 points of its time, `times` times each. */
export function abortAt20Points(times: number): Aborts {
  return run('aborts', SLOW_VIT, times, 0) as Aborts;
}

/** What a process answers in which nothing was ever aborted. */
export function undisturbedLogits(): Aborts['logits'] {
  return (run('reference', SLOW_VIT, 0, 0) as Pick<Aborts, 'logits'>).logits;
}
