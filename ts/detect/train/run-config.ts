/** config.json of a run: what it was started with. A resumed run must be the same run. */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DeepcodeError } from '../../errors.js';
import { flagName, resolveOptions, type Given, type OptionTable, type Resolved } from '../../options.js';
import { Fields } from '../json-fields.js';
import type { TrainingData } from './data.js';

const CONFIG_VERSION = 1;

/** What can be trained into a run folder. */
export interface RunKind<T extends OptionTable> {
  name: 'vit' | 'fair-detector';
  /** The command that trains it. */
  command: string;
  table: T;
  /** Options that a resumed run may be given anew: they do not change a single number of the training. */
  changes: readonly (keyof T)[];
}

export interface RunConfig<O = Readonly<Record<string, unknown>>> {
  options: O;
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
    for (const { name, label, weight, group, method } of samples) {
      const labels = [group, method].filter((each) => each !== undefined);
      hash.update(JSON.stringify([name, label, weight, ...labels]));
    }
    hash.update('\n');
  }
  return hash.digest('hex');
}

export function formatRunConfig(kind: RunKind<OptionTable>['name'], config: RunConfig): string {
  return `${JSON.stringify({ version: CONFIG_VERSION, kind, ...config }, null, 2)}\n`;
}

function parseRunConfig<T extends OptionTable>(content: string, where: string, kind: RunKind<T>): RunConfig<Resolved<T>> {
  const fields = new Fields(JSON.parse(content), where);
  fields.number('version', { min: 1, max: CONFIG_VERSION, integer: true });
  if ((fields.optionalText('kind') ?? 'vit') !== kind.name) {
    throw new DeepcodeError('ERR_CONFIG', `The run in ${where} was not started by ${kind.command}. Choose another --out.`);
  }
  return {
    options: resolveOptions(kind.table, fields.record('options') as Given<T>),
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
 * @throws DeepcodeError ERR_CONFIG when it is damaged, of a newer version or of another kind
 */
export async function readRunConfig<T extends OptionTable>(
  path: string,
  kind: RunKind<T>,
): Promise<RunConfig<Resolved<T>> | undefined> {
  try {
    return parseRunConfig(await readFile(path, 'utf8'), path, kind);
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

function parseObject(content: string, where: string): { options?: { data?: unknown } | null } {
  try {
    const parsed: unknown = JSON.parse(content);
    if (typeof parsed === 'object' && parsed !== null) return parsed;
  } catch (error) {
    throw new DeepcodeError('ERR_CONFIG', `${where} is damaged: ${(error as Error).message}`, { cause: error });
  }
  throw new DeepcodeError('ERR_CONFIG', `${where}: expected an object.`);
}

/**
 * The data sets that a run folder says it was trained on; empty where it is not one.
 *
 * @throws DeepcodeError ERR_CONFIG when its config.json is damaged
 */
export async function runDataSets(folder: string): Promise<readonly string[]> {
  const path = join(folder, 'config.json');
  const { options } = parseObject(await readFile(path, 'utf8').catch(() => '{}'), path);
  const data = options?.data;
  return Array.isArray(data) ? data.filter((path): path is string => typeof path === 'string') : [];
}

const same = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);

function mayChange(name: string, stored: Readonly<Record<string, unknown>>, changes: readonly PropertyKey[]): boolean {
  // The number of epochs shapes a cosine schedule, and nothing else.
  if (name === 'epochs') return stored['schedule'] !== 'cosine';
  return changes.includes(name);
}

/**
 * The options of a resumed run: the stored ones, with what was given anew.
 *
 * @throws DeepcodeError ERR_CONFIG naming the options that differ and must not
 */
export function resumedOptions<T extends OptionTable>(
  { table, changes: resumable }: Pick<RunKind<T>, 'table' | 'changes'>,
  stored: Resolved<T>,
  given: Given<T>,
): Resolved<T> {
  const before: Readonly<Record<string, unknown>> = stored;
  const changes = Object.entries(given).filter(
    ([name, value]) => name in table && value !== undefined && !same(value, before[name]),
  );
  const refused = changes.filter(([name]) => !mayChange(name, before, resumable));
  if (refused.length > 0) {
    const list = refused.map(([name, value]) => {
      const flag = `--${flagName(name, table[name]!)}`;
      return `${flag} (${JSON.stringify(before[name])} there, ${JSON.stringify(value)} now)`;
    });
    throw new DeepcodeError(
      'ERR_CONFIG',
      `The run cannot be resumed with other values for ${list.join(', ')}. ` +
        'Leave them out, or start a new run in another --out.',
    );
  }
  return resolveOptions(table, { ...stored, ...Object.fromEntries(changes) } as Given<T>);
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
