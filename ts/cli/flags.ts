/** Flags and their help, made from an option table, and the values that a command line gave them. */
import { Option, type Command } from 'commander';
import { checkOption, flagName, rangeText, type OptionSpec, type OptionTable } from '../options.js';

/** "(an integer from 1 to 64; default 8)", as the help shows it. */
export function describeValue(spec: OptionSpec): string {
  switch (spec.kind) {
    case 'number':
      return spec.default === undefined ? ` (${rangeText(spec)})` : ` (${rangeText(spec)}; default ${spec.default})`;
    case 'choice':
      return ` (${spec.choices.join(', ')}; default ${spec.default})`;
    case 'text':
      return (spec.default ?? '') === '' ? '' : ` (default ${spec.default})`;
    case 'list':
      return ' (may be given several times)';
    case 'flag':
      return '';
  }
}

function flagText(name: string, spec: OptionSpec): string {
  const long = flagName(name, spec);
  if (spec.kind === 'flag') return spec.default ? `--no-${long}` : `--${long}`;
  const short = spec.short === undefined ? '' : `${spec.short.length === 1 ? '-' : '--'}${spec.short}, `;
  return `${short}--${long} <${spec.placeholder ?? (spec.kind === 'number' ? 'N' : spec.kind === 'choice' ? 'NAME' : 'TEXT')}>`;
}

function parseValue(flag: string, spec: OptionSpec, given: string): unknown {
  const number = given.trim() === '' ? NaN : Number(given);
  return checkOption(flag, spec, spec.kind === 'number' && !Number.isNaN(number) ? number : given);
}

function makeOption(name: string, spec: OptionSpec, required = false): Option {
  const help = `${spec.help}${required ? ' (required)' : ''}${describeValue(spec)}`;
  const option = new Option(flagText(name, spec), help);
  const flag = `--${flagName(name, spec)}`;
  if (spec.kind === 'list') {
    return option.argParser((given: string, before: string[] | undefined) => [
      ...(before ?? []),
      given,
    ]);
  }
  return spec.kind === 'flag'
    ? option
    : option.argParser((given: string) => parseValue(flag, spec, given));
}

/** Adds one flag an option of `table`; the help marks those that are required. */
export function addFlags(command: Command, table: OptionTable, required: readonly PropertyKey[] = []): void {
  for (const [name, spec] of Object.entries(table)) command.addOption(makeOption(name, spec, required.includes(name)));
}

/** What was given on the command line, by option name; options that were not given are absent. */
export function givenFlags(command: Command, table: OptionTable): Record<string, unknown> {
  const values: Record<string, unknown> = {};
  for (const [name, spec] of Object.entries(table)) {
    const attribute = makeOption(name, spec).attributeName();
    if (command.getOptionValueSource(attribute) === 'cli')
      values[name] = command.getOptionValue(attribute);
  }
  return values;
}
