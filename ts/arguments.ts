/** Checks of arguments, for callers without a compiler: the rough shape of a value, not everything in it. */
import { invalidArgument } from './errors.js';

interface Kind {
  /** As messages call it. */
  text: string;
  fits: (value: unknown) => boolean;
}

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null;

const KINDS = {
  text: { text: 'a string', fits: (value) => typeof value === 'string' },
  number: { text: 'a number', fits: (value) => typeof value === 'number' },
  function: { text: 'a function', fits: (value) => typeof value === 'function' },
  object: { text: 'an object', fits: (value) => isObject(value) && !Array.isArray(value) },
  list: { text: 'an array', fits: Array.isArray },
  texts: { text: 'an array of strings', fits: (value) => Array.isArray(value) && value.every((item) => typeof item === 'string') },
  /** Arrays, typed arrays and whatever else has a length; what is in them is not looked at. */
  numbers: { text: 'an array of numbers', fits: (value) => isObject(value) && typeof (value as { length?: unknown }).length === 'number' },
  bytes: { text: 'a Uint8Array', fits: (value) => value instanceof Uint8Array },
} as const satisfies Readonly<Record<string, Kind>>;

export type ArgumentKind = keyof typeof KINDS;

/** What some of an object's fields must be. */
export type ArgumentFields<T> = { readonly [K in keyof T]?: ArgumentKind };

/** @throws TypeError naming the argument */
export function checkKind(name: string, kind: ArgumentKind, value: unknown): void {
  if (!KINDS[kind].fits(value)) throw invalidArgument(name, KINDS[kind].text, value);
}

/** An object with these fields. @throws TypeError naming it, or the first field that is wrong */
export function checkFields<T extends object>(name: string, value: T, fields: ArgumentFields<T>): void {
  checkKind(name, 'object', value);
  for (const field in fields) {
    const kind = fields[field]!;
    if (!KINDS[kind].fits(value[field])) throw invalidArgument(`${name}.${field}`, KINDS[kind].text, value[field]);
  }
}

/** An array of objects with these fields. @throws TypeError as {@link checkFields}, with the place in the array */
export function checkEach<T extends object>(name: string, list: readonly T[], fields: ArgumentFields<T> = {}): void {
  checkKind(name, 'list', list);
  for (let i = 0; i < list.length; i++) checkFields(`${name}[${i}]`, list[i]!, fields);
}
