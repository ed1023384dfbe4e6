/** Cross-entropy alone against cross-entropy with Single-Center Loss: the same data, seeds and options. */
import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { withUniqueNames } from '../data/datasets/names.js';
import { invalidArgument } from '../errors.js';
import { evaluateScores, fakeProbabilities } from '../metrics/index.js';
import { resolveOptions } from '../options.js';
import { checkRuntimeOptions, type RuntimeOptions } from '../runtime.js';
import { writeAtomicFile } from '../weights/atomic-folder.js';
import { COMPARE_OPTIONS, type CompareOptions, type ResolvedCompareOptions } from './compare/options.js';
import { comparisonBars, comparisonTable, featurePlot, type FeatureSet } from './compare/present.js';
import { METHODS, summarize, type Comparison, type Method, type Outcome } from './compare/summary.js';
import type { TrainingSample } from './train/data.js';
import { openTestSet, openTestSplits } from './train/open-data.js';
import { TRAIN_OPTIONS, type TrainOptions } from './train/options.js';
import type { TrainReport } from './train/report.js';
import { checkOut, checkTrainOptions } from './train/setup.js';
import { train, type BestState, type TrainHooks } from './train/train.js';
import type { ScoredSamples } from './train/validation.js';

export { COMPARE_OPTIONS, type CompareOptions } from './compare/options.js';

export interface CompareReport {
  /** Absolute path of the folder with runs, table.md, auc.svg, features.svg and compare.json. */
  folder: string;
  seeds: readonly number[];
  comparisons: readonly Comparison[];
  /** The comparisons as aligned text. */
  table: string;
  runs: readonly (Pick<TrainReport, 'folder' | 'best'> & { method: Method; seed: number })[];
}

export interface CompareHooks extends Omit<TrainHooks, 'onBest'> {
  /** Before each run. */
  onRun?: ((run: { method: Method; seed: number; index: number; count: number }) => void) | undefined;
}

interface TestSet {
  name: string;
  domain: 'within' | 'cross';
  /** Null: the run's validation images, where the data has no test split. */
  samples: TrainingSample[] | null;
}

function parseSeeds(given: string): number[] {
  const seeds = given.split(',').map((part) => (part.trim() === '' ? NaN : Number(part)));
  const valid = seeds.every((seed) => Number.isInteger(seed) && seed >= 0 && seed <= 0xffffffff);
  if (valid && new Set(seeds).size === seeds.length) return seeds;
  throw invalidArgument('seeds', 'different integers from 0 to 4294967295 by comma', given);
}

async function openTestSets(options: ResolvedCompareOptions, signal?: AbortSignal): Promise<TestSet[]> {
  const own = await openTestSplits(options.data, signal);
  const within: TestSet = { name: own ? 'test split' : 'validation', domain: 'within', samples: own };
  const cross = await Promise.all(options.cross.map((path) => openTestSet(path, signal)));
  // Outcomes are summed up by these names.
  return withUniqueNames([within, ...cross.map((set): TestSet => ({ ...set, domain: 'cross' }))]);
}

function evaluate(best: BestState, scored: ScoredSamples): Outcome['report'] {
  const { temperature, threshold } = best.calibration;
  const { logits, labels } = scored;
  return evaluateScores({ logits, labels, threshold, scores: fakeProbabilities(logits, temperature) });
}

class Contest {
  readonly #outcomes: Outcome[] = [];
  readonly #features: FeatureSet[] = [];
  readonly #runs: CompareReport['runs'][number][] = [];
  readonly #folder: string;

  constructor(
    private readonly given: CompareOptions & RuntimeOptions,
    private readonly sets: readonly TestSet[],
    private readonly seeds: readonly number[],
    private readonly hooks: CompareHooks,
  ) {
    this.#folder = resolve(given.out ?? COMPARE_OPTIONS.out.default);
  }

  async run(): Promise<CompareReport> {
    await mkdir(this.#folder, { recursive: true });
    const count = this.seeds.length * METHODS.length;
    for (const seed of this.seeds) {
      for (const method of METHODS) {
        this.hooks.onRun?.({ method, seed, index: this.#runs.length + 1, count });
        await this.#runOne(method, seed);
      }
    }
    return this.#write();
  }

  async #runOne(method: Method, seed: number): Promise<void> {
    const { onRun: _, ...hooks } = this.hooks;
    const { seeds: _seeds, cross: _cross, ...shared } = this.given;
    const out = join(this.#folder, `${method}-seed${seed}`);
    const options: TrainOptions & RuntimeOptions = {
      ...shared,
      seed,
      loss: method === 'scl' ? 'scl' : 'ce',
      out,
      // A comparison that was interrupted goes on where it stopped.
      resume: existsSync(join(out, 'config.json')),
    };
    const { folder, best } = await train(options, {
      ...hooks,
      onBest: (state) => this.#score(method, seed, state),
    });
    this.#runs.push({ method, seed, folder, best });
  }

  async #score(method: Method, seed: number, best: BestState): Promise<void> {
    for (const { name, domain, samples } of this.sets) {
      const scored = samples === null ? best.validation : await best.score(samples);
      this.#outcomes.push({ method, seed, data: name, domain, report: evaluate(best, scored) });
      if (domain !== 'within' || seed !== this.seeds[0]) continue;
      const { features, labels } = scored;
      this.#features.push({ method, features, labels, center: best.center.length > 0 ? best.center : null });
    }
  }

  async #write(): Promise<CompareReport> {
    const comparisons = summarize(this.#outcomes);
    const count = this.seeds.length;
    const report: CompareReport = {
      folder: this.#folder,
      seeds: this.seeds,
      comparisons,
      table: comparisonTable(comparisons, count),
      runs: this.#runs,
    };
    const files = {
      'table.md': `${comparisonTable(comparisons, count, 'markdown')}\n`,
      'auc.svg': comparisonBars(comparisons, count),
      'features.svg': featurePlot(this.#features, `${this.sets[0]!.name}, seed ${this.seeds[0]}`),
      'compare.json': `${JSON.stringify({ ...report, table: undefined, outcomes: this.#outcomes }, null, 2)}\n`,
    };
    for (const [name, content] of Object.entries(files))
      await writeAtomicFile(join(this.#folder, name), content);
    return report;
  }
}

/**
 * Trains both ways with each seed and compares the best states on the data's test split (or validation images)
 * and on every set of `cross`. Runs that are in `out` already are continued, not repeated.
 *
 * @throws TypeError, RangeError at once for wrong options
 * @returns rejects as `train` does
 */
export function compare(
  options: CompareOptions & RuntimeOptions,
  hooks: CompareHooks = {},
): Promise<CompareReport> {
  const resolved = resolveOptions(COMPARE_OPTIONS, options);
  checkRuntimeOptions(options);
  checkOut(resolved.out);
  checkTrainOptions(resolveOptions(TRAIN_OPTIONS, { ...options, loss: 'scl' }));
  const seeds = parseSeeds(resolved.seeds);
  return openTestSets(resolved, hooks.signal).then((sets) => new Contest(options, sets, seeds, hooks).run());
}
