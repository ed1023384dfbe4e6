/** `deepcode fairness`: commands about groups of people. */
import { Program } from '../define-command.js';
import * as evaluation from './fairness-eval.js';
import * as label from './fairness-label.js';
import * as report from './fairness-report.js';
import * as train from './fairness-train.js';

/** One line a command below `deepcode fairness`. */
const COMMANDS: readonly ((program: Program) => void)[] = [report.register, label.register, train.register, evaluation.register];

export function register(program: Program): void {
  const group = new Program(program.session)
    .copyInheritedSettings(program)
    .name('fairness')
    .summary('see how a detector treats groups of people')
    .description('Commands about the groups of people that a data set names: gender, race, age, skin tone.') as Program;
  for (const add of COMMANDS) add(group);
  program.addCommand(group);
}
