/** `deepcode convert`: checkpoints of PyTorch and Keras as .safetensors files. */
import { convertCheckpoint, type ConversionReport } from '../../convert/index.js';
import { CONVERT_DTYPE, CONVERT_OPTIONS } from '../../convert/options.js';
import { flag, type Resolved } from '../../options.js';
import { defineCommand, NOTHING_COMPUTED, type Program, type Session } from '../define-command.js';
import { UsageError } from '../exit-codes.js';
import { checkNewFiles } from '../new-files.js';
import { printable, type Output } from '../output.js';

const OPTIONS = { ...CONVERT_OPTIONS, json: flag({ help: 'print the result as one JSON object' }) };

type Options = Resolved<typeof OPTIONS> & { readonly dtype: 'auto' | 'fp32' | 'bf16' | 'fp16' };

/** Names that are shown of what was left out. */
const SHOWN_SKIPPED = 8;

function skippedText(skipped: readonly string[]): string {
  const names = skipped.slice(0, SHOWN_SKIPPED).map(printable).join(', ');
  const more = skipped.length - SHOWN_SKIPPED;
  return `deepcode: left out, since no tensor of the model is in them: ${names}${more > 0 ? ` and ${more} more` : ''}`;
}

async function report(output: Output, result: ConversionReport, path: string, json: boolean): Promise<void> {
  if (json) return output.json(result);
  const widest = Math.min(60, Math.max(...result.tensors.map(({ name }) => name.length)));
  for (const { name, dtype, shape } of result.tensors) {
    await output.result(`${printable(name).padEnd(widest)}  ${dtype.padEnd(4)}  [${shape.join(', ')}]`);
  }
  if (result.skipped.length > 0) output.note(skippedText(result.skipped));
  output.note(`${printable(path)}: ${result.tensors.length} tensors`);
}

async function run(paths: readonly string[], options: Options, { output, signal }: Session): Promise<void> {
  const [input, target] = paths;
  if (paths.length !== 2 || input === undefined || target === undefined) throw new UsageError('convert takes one input and one output.');
  checkNewFiles([target], options.force);
  const { stripPrefix, layout, force, dtype } = options;
  const onTensor = (name: string, index: number, total: number): void => output.progress(`${index + 1}/${total} ${printable(name)}`);
  const result = await convertCheckpoint(input, target, { stripPrefix, layout, force, dtype, signal }, { onTensor });
  output.endProgress();
  await report(output, result, target, options.json);
}

export function register(program: Program): void {
  defineCommand(program, {
    name: 'convert',
    arguments: '<input> <output>',
    summary: 'turn .pth, .pt and .h5 weights into .safetensors',
    description:
      'Converts a PyTorch checkpoint (a state dict, or a file that has one under state_dict, model or net) or Keras weights ' +
      '(HDF5) to a .safetensors file, and lists its tensors. Nothing in the input is executed. --dtype changes the ' +
      'floating-point tensors; auto keeps them. The output is never replaced without --force.\n' +
      'Exit code: 0 all well, 1 failed, 2 wrong usage, 130 interrupted.',
    options: OPTIONS,
    runtime: { ...NOTHING_COMPUTED, dtype: CONVERT_DTYPE.help },
    examples: [
      ['deepcode convert model.pth model.safetensors --strip-prefix module.', 'a state dict of DataParallel'],
      ['deepcode convert weights.h5 weights.safetensors --layout pytorch --dtype fp16', "Keras weights in PyTorch's layout"],
    ],
    run: (paths, options, session) => run(paths, options, session),
  });
}
