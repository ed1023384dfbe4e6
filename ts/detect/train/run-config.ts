/** config.json of a run: what it was started with. A resumed run must be the same run. */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { DeepcodeError } from '../../errors.js';
import { flagName, resolveOptions } from '../../options.js';
import { Fields } from '../json-fields.js';
import type { TrainingData } from './data.js';
import { RESUMABLE_CHANGES, TRAIN_OPTIONS, type ResolvedTrainOptions, type TrainOptions } from './options.js';

const CONFIG_VERSION = 1;

export interface RunConfig {
  options: ResolvedTrainOptions;
  device: string;
  dtype: 'fp32' | 'bf16';
  /** Compute threads; another number may change the last bits. */
  threads: number;
  /** SHA-256 over the drawn images' names and labels. */
  dataDigest: string;
  /** SHA-256 of the base model's config and weights. */
  baseDigest: string;
  /** "deepcode 0.1.0, libtorch 2.13.0" */
  producer: string;
}

/** Identifies the images of a run by data set, path within it, label and weight. */
export function digestOf(data: Pick<TrainingData, 'pool' | 'validation'>): string {
  const hash = createHash('sha256');
  for (const samples of [data.pool, data.validation]) {
    for (const { name, label, weight } of samples) hash.update(JSON.stringify([name, label, weight]));
    hash.update('\n');
  }
  return hash.digest('hex');
}

export function formatRunConfig(config: RunConfig): string {
  return `${JSON.stringify({ version: CONFIG_VERSION, ...config }, null, 2)}\n`;
}

function parseRunConfig(content: string, where: string): RunConfig {
  const fields = new Fields(JSON.parse(content), where);
  fields.number('version', { min: 1, max: CONFIG_VERSION, integer: true });
  return {
    options: resolveOptions(TRAIN_OPTIONS, fields.record('options') as TrainOptions),
    device: fields.text('device'),
    dtype: fields.choice('dtype', ['fp32', 'bf16']),
    threads: fields.number('threads', { min: 0, integer: true }),
    dataDigest: fields.text('dataDigest'),
    baseDigest: fields.text('baseDigest'),
    producer: fields.text('producer'),
  };
}

/**
 * The configuration that a run folder holds; undefined where there is none.
 *
 * @throws DeepcodeError ERR_CONFIG when it is damaged or of a newer version
 */
export async function readRunConfig(path: string): Promise<RunConfig | undefined> {
  try {
    return parseRunConfig(await readFile(path, 'utf8'), path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    if (error instanceof DeepcodeError) throw error;
    throw new DeepcodeError(
      'ERR_CONFIG',
      `${path} is damaged, so the run cannot be resumed: ${(error as Error).message}`,
      {
        cause: error,
      },
    );
  }
}

const same = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);

function mayChange(name: keyof ResolvedTrainOptions, stored: ResolvedTrainOptions): boolean {
  // The number of epochs shapes a cosine schedule, and nothing else.
  if (name === 'epochs') return stored.schedule === 'constant';
  return RESUMABLE_CHANGES.includes(name);
}

/**
 * The options of a resumed run: the stored ones, with what was given anew.
 *
 * @throws DeepcodeError ERR_CONFIG naming the options that differ and must not
 */
export function resumedOptions(stored: ResolvedTrainOptions, given: TrainOptions): ResolvedTrainOptions {
  const entries = Object.entries(given) as [keyof ResolvedTrainOptions, unknown][];
  const changes = entries.filter(
    ([name, value]) => name in TRAIN_OPTIONS && value !== undefined && !same(value, stored[name]),
  );
  const refused = changes.filter(([name]) => !mayChange(name, stored));
  if (refused.length > 0) {
    const list = refused.map(([name, value]) => {
      const flag = `--${flagName(name, TRAIN_OPTIONS[name])}`;
      return `${flag} (${JSON.stringify(stored[name])} there, ${JSON.stringify(value)} now)`;
    });
    throw new DeepcodeError(
      'ERR_CONFIG',
      `The run cannot be resumed with other values for ${list.join(', ')}. ` +
        'Leave them out, or start a new run in another --out.',
    );
  }
  return resolveOptions(TRAIN_OPTIONS, { ...stored, ...Object.fromEntries(changes) });
}

/** @throws DeepcodeError ERR_CONFIG when data or base model are not those that the run was started with */
export function checkSameRun(stored: RunConfig, now: RunConfig): void {
  const [thing, advice] =
    stored.dataDigest !== now.dataDigest
      ? ['images of the data sets have', 'Restore them']
      : stored.baseDigest !== now.baseDigest
        ? ['base model has', 'Restore it']
        : stored.dtype !== now.dtype
          ? [`arithmetic (${stored.dtype} before, ${now.dtype} now) has`, `Pass --dtype ${stored.dtype}`]
          : [];
  if (thing === undefined) return;
  throw new DeepcodeError(
    'ERR_CONFIG',
    `The ${thing} changed since the run was started. ${advice}, or start a new run in another --out.`,
  );
}
