/** `deepcode doctor`: what was found on this machine, and what to do about what is missing. */
import { examine, formatReport } from '../../doctor.js';
import { flag } from '../../options.js';
import { defineCommand, NOTHING_COMPUTED, type Program, type Session } from '../define-command.js';
import { EXIT, type ExitCode } from '../exit-codes.js';

const OPTIONS = {
  json: flag({ help: 'print the report as one JSON object' }),
} as const;

async function run(
  _args: readonly string[],
  options: { json: boolean },
  { output }: Session,
): Promise<ExitCode> {
  const report = examine();
  await output.result(options.json ? JSON.stringify(report) : formatReport(report).trimEnd());
  return report.ok ? EXIT.ok : EXIT.failed;
}

export function register(program: Program): void {
  defineCommand(program, {
    name: 'doctor',
    summary: 'show what was found on this machine, and what is missing',
    description:
      'Lists versions, what the processor and a GPU can do, libtorch, the native addon, the cache and the tools ' +
      'of a build, and says what to do about what is missing. Works without the addon.\n' +
      'Exit code: 0 the addon loads, 1 it does not.',
    options: OPTIONS,
    runtime: NOTHING_COMPUTED,
    examples: [
      ['deepcode doctor', 'for a person'],
      ['deepcode doctor --json', 'for a bug report'],
    ],
    run,
  });
}
