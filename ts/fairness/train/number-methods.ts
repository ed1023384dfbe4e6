/** The ways in which the fakes of a run were made, as numbers. */
import { DeepcodeError } from '../../errors.js';
import type { TrainingData } from '../../detect/train/data.js';

/** Numbers are bytes, and 0 is real. */
const MOST_METHODS = 255;

export interface MethodData {
  data: TrainingData;
  /** Names of the methods 1, 2, ...; one where all fakes were made in one way. */
  methods: readonly string[];
}

/** Names order as numbers do: "2" before "10". */
const byName = (a: string, b: string): number => a.localeCompare(b, 'en', { numeric: true });

/**
 * Numbers the forgery methods of the images that are learned from, the pool: the column spe_label where there is one, or
 * else where the images come from. Validation asks only for real or fake.
 *
 * @throws DeepcodeError ERR_DATASET for more than 255 methods
 */
export function withMethods(data: TrainingData): MethodData {
  const fakes = data.pool.filter(({ label }) => label === 1);
  const methods = [...new Set(fakes.map(({ forgeryMethod }) => forgeryMethod ?? 'fake'))].sort(byName);
  if (methods.length > MOST_METHODS) {
    throw new DeepcodeError(
      'ERR_DATASET',
      `The fakes come from ${methods.length} sources, but at most ${MOST_METHODS} can be told apart. ` +
        'Name them in a column spe_label or source.',
    );
  }
  const numbers = new Map(methods.map((name, i) => [name, i + 1]));
  const pool = data.pool.map((sample) => ({
    ...sample,
    method: sample.label === 0 ? 0 : numbers.get(sample.forgeryMethod ?? 'fake')!,
  }));
  return { data: { ...data, pool }, methods };
}
