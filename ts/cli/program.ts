/** The `deepcode` command: every command file adds itself. */
import { packageVersion } from '../package-version.js';
import * as attributes from './commands/attributes.js';
import * as bench from './commands/bench.js';
import * as caption from './commands/caption.js';
import * as compare from './commands/compare.js';
import * as convert from './commands/convert.js';
import * as demo from './commands/demo.js';
import * as detect from './commands/detect.js';
import * as doctor from './commands/doctor.js';
import * as evaluate from './commands/eval.js';
import * as generate from './commands/generate.js';
import * as gram from './commands/gram.js';
import * as inspect from './commands/inspect.js';
import * as exam from './commands/exam.js';
import * as fairness from './commands/fairness.js';
import * as models from './commands/models.js';
import * as pull from './commands/pull.js';
import * as merge from './commands/merge.js';
import * as synthesize from './commands/synthesize.js';
import * as train from './commands/train.js';
import { Program, type Session } from './define-command.js';

type Register = (program: Program) => void;

/** One line a command. */
export const COMMANDS: readonly Register[] = [
  detect.register,
  attributes.register,
  evaluate.register,
  exam.register,
  demo.register,
  train.register,
  compare.register,
  merge.register,
  generate.register,
  synthesize.register,
  caption.register,
  gram.register,
  inspect.register,
  fairness.register,
  convert.register,
  models.register,
  pull.register,
  bench.register,
  doctor.register,
];

/** Builds the program without running it. Usage errors are thrown as CommanderError, after their message. */
export function createProgram(session: Session): Program {
  const program = new Program(session);
  program
    .description('Tell real face photos from generated ones, train such detectors, and more.')
    .version(packageVersion(), '-V, --version', 'print the version')
    .helpOption('-h, --help', 'show help')
    .helpCommand('help [command]', 'show help for a command')
    .showHelpAfterError('(add --help to see what there is)')
    .exitOverride()
    .configureOutput({
      writeOut: (text) => void session.output.result(text.trimEnd()),
      writeErr: (text) => session.output.note(text.trimEnd()),
      outputError: (text, write) => write(text.replace(/^error: /, 'deepcode: ')),
    });
  for (const register of COMMANDS) register(program);
  return program;
}
