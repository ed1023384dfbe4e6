/** How a command is declared: its arguments, its option table and what it does. */
import { Command } from 'commander';
import {
  RUNTIME_OPTIONS,
  flagName,
  resolveOptions,
  type Given,
  type OptionTable,
  type Resolved,
} from '../options.js';
import { EXIT, UsageError, type ExitCode } from './exit-codes.js';
import { addFlags, givenFlags } from './flags.js';
import type { Output } from './output.js';

/** What a running command has of its surroundings. */
export interface Session {
  readonly output: Output;
  /** Aborted by SIGINT, SIGTERM, or when the reader of stdout goes away. */
  readonly signal: AbortSignal;
  /** Set by the command that ran. */
  exitCode: ExitCode;
}

/** The top-level command; `register(program)` of every command file receives it. */
export class Program extends Command {
  constructor(readonly session: Session) {
    super('deepcode');
  }
}

type Values<T extends OptionTable, R extends keyof T> = Resolved<T & typeof RUNTIME_OPTIONS> & {
  readonly [K in R]: Exclude<Resolved<T>[K], undefined>;
};

export interface CommandDefinition<T extends OptionTable, R extends keyof T> {
  name: string;
  /** Commander's notation, for example `<images...>`. */
  arguments?: string;
  /** One line for the list of commands. */
  summary: string;
  /** What `--help` says below the usage line. */
  description: string;
  /** The flags, besides those that every command takes. */
  options: T;
  /** Options without a default that must be given. */
  required?: readonly R[];
  /** What the options that every command takes mean here, where it is not what RUNTIME_OPTIONS says. */
  runtime?: Partial<Record<keyof typeof RUNTIME_OPTIONS, string>>;
  /** Command lines with what they do, shown at the end of the help. */
  examples?: readonly (readonly [command: string, what: string])[];
  /** Resolves with the exit code; undefined is 0. */
  run(args: readonly string[], options: Values<T, R>, session: Session): Promise<ExitCode | void>;
}

/** `runtime` of a command that computes nothing where it could be told to. */
export const NOTHING_COMPUTED = {
  device: 'taken by every command, without effect on this one',
  dtype: 'without effect on this command',
  threads: 'without effect on this command',
} as const;

/** `runtime` of trainings. */
export const TRAINING_RUNTIME = { dtype: 'arithmetic; auto is fp32 on a processor and bf16 on CUDA; there is no training in fp16' } as const;

/** The options that every command takes, with a command's own words. */
function runtimeOptions(help: Partial<Record<string, string>> = {}): typeof RUNTIME_OPTIONS {
  const entries = Object.entries(RUNTIME_OPTIONS).map(([name, spec]) => [name, { ...spec, help: help[name] ?? spec.help }]);
  return Object.fromEntries(entries) as typeof RUNTIME_OPTIONS;
}

const tables = new WeakMap<Command, OptionTable>();

/** The option table that a command was made from, with the options that every command takes. */
export function tableOf(command: Command): OptionTable | undefined {
  return tables.get(command);
}

function checkRequired(
  table: OptionTable,
  required: readonly PropertyKey[],
  given: Record<string, unknown>,
): void {
  const missing = Object.keys(table).filter(
    (name) => required.includes(name) && given[name] === undefined,
  );
  if (missing.length === 0) return;
  const flags = missing.map((name) => `--${flagName(name, table[name]!)}`);
  throw new UsageError(`${flags.join(' and ')} must be given.`);
}

function examplesText(examples: readonly (readonly [string, string])[]): string {
  const lines = examples.map(([command, what]) => `  ${command}\n      ${what}`);
  return `\nExamples:\n${lines.join('\n')}`;
}

/** Adds a command to the program. Its options are validated before `run` is called. */
export function defineCommand<const T extends OptionTable, R extends keyof T = never>(
  program: Program,
  definition: CommandDefinition<T, R>,
): Command {
  const table = { ...definition.options, ...runtimeOptions(definition.runtime) };
  const usage = definition.arguments
    ? `${definition.name} ${definition.arguments}`
    : definition.name;
  const command = program
    .command(usage)
    .summary(definition.summary)
    .description(definition.description);
  addFlags(command, table, definition.required);
  tables.set(command, table);
  if (definition.examples) command.addHelpText('after', examplesText(definition.examples));
  command.action(async () => {
    const given = givenFlags(command, table);
    checkRequired(table, definition.required ?? [], given);
    const options = resolveOptions(table, given as Given<typeof table>) as unknown as Values<T, R>;
    program.session.exitCode =
      (await definition.run(command.args, options, program.session)) ?? EXIT.ok;
  });
  return command;
}
