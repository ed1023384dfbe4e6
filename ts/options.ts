/**
 * Option tables: the one place where a default and its range exist. The library validates with them, the
 * CLI makes its flags and help from them, and the addon receives complete, checked values.
 */
import { invalidArgument, outOfRange } from './errors.js';

interface Described {
  /** One line for `--help`, without the default and range: those are added. */
  help: string;
  /** The CLI's name for the value, for example `DIR`. */
  placeholder?: string;
  /** A CLI flag that differs from the kebab-cased key, for example `lr` for `learningRate`. */
  flag?: string;
  /** A shorter flag beside the first: a letter, for example `o` for `-o`, or a word. */
  short?: string;
}

/** Without a default, what an absent value means stands in `help`. */
export interface NumberOption<D extends number | undefined = number | undefined> extends Described {
  kind: 'number';
  integer: boolean;
  default: D;
  min: number;
  max: number;
}
export interface ChoiceOption<C extends string = string> extends Described {
  kind: 'choice';
  choices: readonly C[];
  default: C;
}
export interface FlagOption extends Described {
  kind: 'flag';
  default: boolean;
}
export interface TextOption<D extends string | undefined = string | undefined> extends Described {
  kind: 'text';
  default: D;
}
/** A text that may be given several times. */
export interface ListOption extends Described {
  kind: 'list';
  default: readonly string[];
}
export type OptionSpec = NumberOption | ChoiceOption | FlagOption | TextOption | ListOption;
export type OptionTable = Readonly<Record<string, OptionSpec>>;

type ValueOf<S> = S extends NumberOption<infer D>
  ? number | Extract<D, undefined>
  : S extends FlagOption
    ? boolean
    : S extends ChoiceOption<infer C>
      ? C
      : S extends TextOption<infer D>
        ? string | Extract<D, undefined>
        : S extends ListOption
          ? readonly string[]
          : never;

/** Every option present and valid. */
export type Resolved<T extends OptionTable> = { readonly [K in keyof T]: ValueOf<T[K]> };
/** What a caller passes: any subset. */
export type Given<T extends OptionTable> = { readonly [K in keyof T]?: ValueOf<T[K]> | undefined };

type Range = { min: number; max: number } & Described;

export function integer(spec: Range & { default: number }): NumberOption<number>;
export function integer(spec: Range): NumberOption<undefined>;
export function integer(spec: Range & { default?: number }): NumberOption {
  return { kind: 'number', integer: true, ...spec, default: spec.default };
}
export const real = (spec: Range & { default: number }): NumberOption<number> => ({ kind: 'number', integer: false, ...spec });
export const flag = (spec: Described & { default?: boolean }): FlagOption => ({
  kind: 'flag',
  default: false,
  ...spec,
});
export const choice = <const C extends string>(
  spec: Described & { choices: readonly C[]; default: NoInfer<C> },
): ChoiceOption<C> => ({ kind: 'choice', ...spec });
export const text = <const D extends string | undefined = undefined>(
  spec: Described & { default?: D },
): TextOption<D> => ({ kind: 'text', default: undefined as D, ...spec });
export const list = (spec: Described): ListOption => ({ kind: 'list', default: [], ...spec });

/** "a number from 0 to 1", as printed in errors and help. */
export function rangeText(spec: NumberOption): string {
  const noun = spec.integer ? 'an integer' : 'a number';
  if (spec.max === Infinity || spec.max === Number.MAX_SAFE_INTEGER) return `${noun} of at least ${spec.min}`;
  return `${noun} from ${spec.min} to ${spec.max}`;
}

function checkNumber(name: string, spec: NumberOption, value: unknown): number {
  if (typeof value !== 'number') throw invalidArgument(name, rangeText(spec), value);
  const valid = value >= spec.min && value <= spec.max && (!spec.integer || Number.isInteger(value));
  if (!valid) throw outOfRange(name, rangeText(spec), value);
  return value;
}

function checkChoice(name: string, spec: ChoiceOption, value: unknown): string {
  if (typeof value === 'string' && spec.choices.includes(value)) return value;
  throw invalidArgument(name, `one of ${spec.choices.join(', ')}`, value);
}

function checkList(name: string, value: unknown): readonly string[] {
  if (Array.isArray(value) && value.every((item) => typeof item === 'string')) return value as string[];
  throw invalidArgument(name, 'an array of strings', value);
}

/**
 * Validates one value against its spec. Throws TypeError for a wrong type or choice, RangeError for a
 * number outside its range.
 */
export function checkOption(name: string, spec: OptionSpec, value: unknown): unknown {
  switch (spec.kind) {
    case 'number':
      return checkNumber(name, spec, value);
    case 'choice':
      return checkChoice(name, spec, value);
    case 'flag':
      if (typeof value !== 'boolean') throw invalidArgument(name, 'a boolean', value);
      return value;
    case 'text':
      if (typeof value !== 'string') throw invalidArgument(name, 'a string', value);
      return value;
    case 'list':
      return checkList(name, value);
  }
}

/**
 * Fills in defaults and validates. Keys that are not in the table are ignored, so that one object may
 * serve several tables; `undefined` means the default.
 */
export function resolveOptions<T extends OptionTable>(table: T, given: Given<T> = {}): Resolved<T> {
  if (typeof given !== 'object' || given === null) throw invalidArgument('options', 'an object', given);
  const entries = Object.entries(table).map(([name, spec]) => {
    const value = (given as Record<string, unknown>)[name];
    return [name, value === undefined ? spec.default : checkOption(name, spec, value)];
  });
  return Object.fromEntries(entries) as Resolved<T>;
}

/** `learningRate` -> `learning-rate`, or the spec's own flag. */
export function flagName(name: string, spec: OptionSpec): string {
  return spec.flag ?? name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

/** Options that every command takes. */
export const RUNTIME_OPTIONS = {
  device: text({ default: 'auto', placeholder: 'DEVICE', help: 'auto, cpu, cuda or cuda:N' }),
  dtype: choice({
    choices: ['auto', 'fp32', 'bf16', 'fp16'],
    default: 'auto',
    help: 'arithmetic; auto is fp32 on a processor and fp16 on CUDA',
  }),
  threads: integer({ default: 0, min: 0, max: 1024, placeholder: 'N', help: 'compute threads; 0 is one per core' }),
} as const;
