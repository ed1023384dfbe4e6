/** Which modules a PEFT configuration names: lists match by suffix, strings are Python regular expressions. */
import { DeepcodeError } from '../errors.js';

/** Bounds on a pattern from a file, so that matching it against a few hundred names stays instant. */
const MAX_PATTERN_LENGTH = 500;
const MAX_REPETITIONS = 6;

/** Python spells named groups and the end of the text differently. */
function toJavaScript(pattern: string): string {
  return pattern.replaceAll('(?P<', '(?<').replace(/\(\?P=(\w+)\)/g, '\\k<$1>').replaceAll('\\Z', '$');
}

/** Repeated groups can take exponential time; adapters do not need them. */
function isSafe(pattern: string): boolean {
  const bare = pattern.replace(/\\./g, 'x').replace(/\[[^\]]*\]/g, 'x');
  const repetitions = bare.match(/[*+{]/g)?.length ?? 0;
  return pattern.length <= MAX_PATTERN_LENGTH && repetitions <= MAX_REPETITIONS && !/\)[*+{]/.test(bare);
}

/**
 * A regular expression out of an adapter_config.json.
 *
 * @param wrap puts the pattern, as a group, into its context, for example `^${group}$`
 * @throws DeepcodeError ERR_CONFIG when it is not valid, or could take very long
 */
export function patternOf(pattern: string, where: string, wrap: (group: string) => string): RegExp {
  if (!isSafe(pattern)) {
    throw new DeepcodeError('ERR_CONFIG', `${where}: the pattern repeats groups or is too long. List the module names instead.`);
  }
  try {
    return new RegExp(wrap(`(?:${toJavaScript(pattern)})`), 's');
  } catch (error) {
    throw new DeepcodeError('ERR_CONFIG', `${where}: ${JSON.stringify(pattern.slice(0, 80))} is no regular expression.`, {
      cause: error,
    });
  }
}

/** PEFT's rule for a list of names: the module itself, or the end of its path. */
export function matchesName(module: string, names: readonly string[]): boolean {
  return names.some((name) => module === name || module.endsWith(`.${name}`));
}

/** The first key that matches the module by PEFT's rule for rank and alpha patterns. */
export function patternValue(patterns: Readonly<Record<string, number>>, module: string, where: string): number | undefined {
  const found = Object.entries(patterns).find(([key]) => patternOf(key, where, (group) => `^(?:.*\\.)?${group}$`).test(module));
  return found?.[1];
}
