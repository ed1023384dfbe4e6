/** Typed, checked access to the fields of a JSON object that somebody else may have written. */
import { DeepcodeError } from '../errors.js';

interface NumberRule {
  min?: number;
  max?: number;
  integer?: boolean;
}

type JsonObject = Readonly<Record<string, unknown>>;
type Tuple3 = readonly [number, number, number];

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function describe(rule: NumberRule): string {
  const noun = rule.integer ? 'an integer' : 'a number';
  if (rule.min !== undefined && rule.max !== undefined) return `${noun} from ${rule.min} to ${rule.max}`;
  return rule.min !== undefined ? `${noun} of at least ${rule.min}` : noun;
}

function fits(
  value: unknown,
  { min = -Infinity, max = Infinity, integer = false }: NumberRule,
): value is number {
  if (typeof value !== 'number' || !Number.isFinite(value)) return false;
  return value >= min && value <= max && (!integer || Number.isInteger(value));
}

/** One object; `where` is its place for messages, for example "adapter/detector.json: unsure". */
export class Fields {
  readonly #object: JsonObject;
  readonly #where: string;
  readonly #seen = new Set<string>();

  constructor(value: unknown, where: string) {
    if (!isObject(value)) throw new DeepcodeError('ERR_CONFIG', `${where}: expected an object.`);
    this.#object = value;
    this.#where = where;
  }

  number(name: string, rule: NumberRule = {}): number {
    const value = this.#get(name);
    if (!fits(value, rule)) throw this.#unexpected(name, describe(rule), value);
    return value;
  }

  numberList(name: string, rule: NumberRule = {}): readonly number[] {
    const value = this.#get(name);
    if (!Array.isArray(value) || !value.every((item) => fits(item, rule))) {
      throw this.#unexpected(name, `a list of numbers (${describe(rule)})`, value);
    }
    return value;
  }

  numbers(name: string, count: 3, rule: NumberRule): Tuple3 {
    const list = this.numberList(name, rule);
    if (list.length !== count) throw this.#unexpected(name, `${count} numbers`, list);
    return list as unknown as Tuple3;
  }

  text(name: string): string {
    const value = this.#get(name);
    if (typeof value !== 'string') throw this.#unexpected(name, 'a string', value);
    return value;
  }

  optionalText(name: string): string | null {
    return (this.#get(name) ?? null) === null ? null : this.text(name);
  }

  textList(name: string): readonly string[] {
    const value = this.#get(name);
    if (!Array.isArray(value) || !value.every((item) => typeof item === 'string')) {
      throw this.#unexpected(name, 'a list of strings', value);
    }
    return value as string[];
  }

  flag(name: string): boolean {
    const value = this.#get(name);
    if (typeof value !== 'boolean') throw this.#unexpected(name, 'true or false', value);
    return value;
  }

  choice<const C extends string>(name: string, choices: readonly C[], fallback?: C): C {
    const value = this.#get(name) ?? fallback;
    const found = choices.find((item) => item === value);
    if (found === undefined) throw this.#unexpected(name, `one of ${choices.join(', ')}`, value);
    return found;
  }

  /** The value must equal `expected`, element by element. */
  exactly(name: string, expected: readonly string[]): void {
    const value = this.#get(name);
    if (JSON.stringify(value) !== JSON.stringify(expected)) {
      throw this.#unexpected(name, JSON.stringify(expected), value);
    }
  }

  object(name: string): Fields {
    return new Fields(this.#get(name), `${this.#where}: ${name}`);
  }

  optionalObject(name: string): Fields | undefined {
    return (this.#get(name) ?? null) === null ? undefined : this.object(name);
  }

  /** A list of objects; absent means none. */
  objects(name: string): Fields[] {
    const value = this.#get(name) ?? [];
    if (!Array.isArray(value)) throw this.#unexpected(name, 'a list', value);
    return value.map((item, i) => new Fields(item, `${this.#where}: ${name}[${i}]`));
  }

  /** A free-form object; absent means empty. */
  record(name: string): JsonObject {
    const value = this.#get(name) ?? {};
    if (!isObject(value)) throw this.#unexpected(name, 'an object', value);
    return value;
  }

  /** An object of numbers by name. */
  numberRecord(name: string, rule: NumberRule): Readonly<Record<string, number>> {
    const value = this.record(name);
    if (!Object.values(value).every((item) => fits(item, rule))) {
      throw this.#unexpected(name, `an object of numbers (${describe(rule)})`, value);
    }
    return value as Record<string, number>;
  }

  /** The field as it is; undefined when absent. */
  raw(name: string): unknown {
    return this.#get(name);
  }

  /** The error for a field whose value is not what it should be. */
  refuse(name: string, expected: string): DeepcodeError {
    return this.#unexpected(name, expected, this.#get(name));
  }

  /** The fields that no call has asked for. */
  rest(): JsonObject {
    return Object.fromEntries(Object.entries(this.#object).filter(([name]) => !this.#seen.has(name)));
  }

  #get(name: string): unknown {
    this.#seen.add(name);
    return Object.hasOwn(this.#object, name) ? this.#object[name] : undefined;
  }

  #unexpected(name: string, expected: string, value: unknown): DeepcodeError {
    const shown = value === undefined ? 'nothing' : String(JSON.stringify(value)).slice(0, 60);
    return new DeepcodeError(
      'ERR_CONFIG',
      `${this.#where}: expected ${expected} for ${name} but found ${shown}.`,
    );
  }
}
