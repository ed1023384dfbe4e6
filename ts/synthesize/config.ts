/** config.json of a synthesis: what it was started with. A continued run must be the same run. */
import { readFile } from 'node:fs/promises';
import { DeepcodeError } from '../errors.js';
import { Fields } from '../detect/json-fields.js';
import { flagName, RUNTIME_OPTIONS } from '../options.js';
import type { Dtype } from '../runtime.js';
import { SYNTHESIZE_OPTIONS, type SynthesisSettings } from './options.js';

const CONFIG_VERSION = 1;

/** Which VGG-19 compares. */
export interface GramWeights {
  kind: 'given' | 'random';
  /** Of the weights' file. */
  sha256: string;
}

/** How the threshold `auto` was found. */
export interface ThresholdOrigin {
  quantile: number;
  photos: number;
  pairs: number;
}

export interface SynthesisConfig {
  settings: SynthesisSettings & { readonly seed: number };
  /** Of the arithmetic; another one gives other images. */
  dtype: Dtype;
  weights: GramWeights;
  /** Null until it is calibrated. */
  threshold: number | null;
  calibration: ThresholdOrigin | null;
  /** "deepcode 0.1.0, libtorch 2.13.0" */
  producer: string;
}

export function formatConfig(config: SynthesisConfig): string {
  return `${JSON.stringify({ version: CONFIG_VERSION, ...config }, null, 2)}\n`;
}

function parseConfig(content: string, where: string): SynthesisConfig {
  const fields = new Fields(JSON.parse(content), where);
  fields.number('version', { min: 1, max: CONFIG_VERSION, integer: true });
  const weights = fields.object('weights');
  const calibration = fields.optionalObject('calibration');
  return {
    settings: fields.record('settings') as unknown as SynthesisConfig['settings'],
    dtype: fields.choice('dtype', ['fp32', 'bf16', 'fp16']),
    weights: { kind: weights.choice('kind', ['given', 'random']), sha256: weights.text('sha256') },
    threshold: fields.raw('threshold') === null ? null : fields.number('threshold', { min: 0 }),
    calibration: calibration
      ? { quantile: calibration.number('quantile'), photos: calibration.number('photos'), pairs: calibration.number('pairs') }
      : null,
    producer: fields.text('producer'),
  };
}

/**
 * The configuration that a folder holds; undefined where there is none.
 *
 * @throws DeepcodeError ERR_CONFIG when it is damaged or of a newer version
 */
export async function readConfig(path: string): Promise<SynthesisConfig | undefined> {
  try {
    return parseConfig(await readFile(path, 'utf8'), 'config.json');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    if (error instanceof DeepcodeError) throw error;
    const reason = (error as Error).message.slice(0, 100);
    throw new DeepcodeError('ERR_CONFIG', `config.json is damaged, so the run cannot be continued: ${reason}`, { cause: error });
  }
}

const flagOf = (name: string): string => {
  const spec = { ...SYNTHESIZE_OPTIONS, ...RUNTIME_OPTIONS }[name as keyof typeof SYNTHESIZE_OPTIONS];
  return `--${spec === undefined ? name : flagName(name, spec)}`;
};

/** Long paths keep their end. */
function shown(value: unknown): string {
  if (value === undefined) return 'not given';
  const text = JSON.stringify(value);
  return text.length <= 40 ? text : `"…${text.slice(-38)}`;
}

/** A seed that is not given is the interrupted run's. */
function differences(stored: SynthesisConfig, now: Pick<SynthesisConfig, 'dtype'> & { settings: SynthesisSettings }): string[] {
  const before: Record<string, unknown> = { ...stored.settings, dtype: stored.dtype };
  const after: Record<string, unknown> = { ...now.settings, seed: now.settings.seed ?? stored.settings.seed, dtype: now.dtype };
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])];
  return names
    .filter((name) => JSON.stringify(before[name]) !== JSON.stringify(after[name]))
    .map((name) => `${flagOf(name)} (${shown(before[name])} there, ${shown(after[name])} now)`);
}

/** @throws DeepcodeError ERR_CONFIG naming the options that differ */
export function checkSameSettings(stored: SynthesisConfig, now: Pick<SynthesisConfig, 'dtype'> & { settings: SynthesisSettings }): void {
  const different = differences(stored, now);
  if (different.length === 0) return;
  throw new DeepcodeError(
    'ERR_CONFIG',
    `The run in --out cannot be continued with other options: ${different.join(', ')}. Repeat its options, or choose another --out.`,
  );
}

/** @throws DeepcodeError ERR_CONFIG when VGG-19's weights are others than the run's */
export function checkSameWeights(stored: GramWeights, now: GramWeights): void {
  if (stored.sha256 === now.sha256) return;
  throw new DeepcodeError(
    'ERR_CONFIG',
    "VGG-19's weights changed since the run was started, and distances with them. Restore them, or choose another --out.",
  );
}
