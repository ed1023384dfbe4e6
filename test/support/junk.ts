/** What functions get in place of their first argument, and what a child process tells of it. */
export const JUNK: readonly (readonly [text: string, value: unknown])[] = [
  ['5', 5],
  ['null', null],
  ['undefined', undefined],
  ['{}', {}],
  ['[]', []],
  ["'x'", 'x'],
  ['[5]', [5]],
  ['[{}]', [{}]],
  ['Object.create(null)', Object.create(null)],
];

export interface JunkOutcome {
  name: string;
  text: string;
  /** A code, 'a result', or 'no code: ' and the message. */
  outcome: string;
}

/** Functions begin with a small letter, classes do not. */
export const isFunctionName = (name: string): boolean => /^[a-z]/.test(name);
