/** `deepcode inspect`: what a PNG says of how it was made. */
import { DECODE_OPTIONS } from '../../data/decode.js';
import { readImageBytes } from '../../data/image-input.js';
import { DeepcodeError } from '../../errors.js';
import { GENERATED_SOURCE_TYPE, readPngMetadata, type PngMetadata } from '../../generate/png-metadata.js';
import { flag } from '../../options.js';
import { defineCommand, NOTHING_COMPUTED, type Program } from '../define-command.js';
import { EXIT } from '../exit-codes.js';
import { printable } from '../output.js';

function sourceText(type: string | null): string {
  if (type === null) return 'not stated';
  return type === GENERATED_SOURCE_TYPE ? `${type} (made by a generative model)` : printable(type);
}

/** The lines of a text, indented and without control characters. */
const indented = (text: string): string =>
  text
    .split(/\r?\n/)
    .map((line) => `  ${printable(line)}`)
    .join('\n');

function metadataText(path: string, { width, height, parameters, digitalSourceType }: PngMetadata): string {
  const head = `${printable(path)}: ${width} x ${height}\n  digital source type: ${sourceText(digitalSourceType)}`;
  return parameters === null ? `${head}\n  parameters: not stated` : `${head}\n  parameters:\n${indented(indented(parameters))}`;
}

export function register(program: Program): void {
  defineCommand(program, {
    name: 'inspect',
    arguments: '<images...>',
    summary: 'show how a PNG was made',
    description:
      'Prints what a PNG says of itself: the parameters it was generated with, and the IPTC digital source type of its ' +
      'XMP. Neither proves anything: anyone can write or remove them.\n' +
      'Exit code: 0 all well, 1 some images failed, 2 wrong usage, 130 interrupted.',
    options: { json: flag({ help: 'print one JSON object a line' }) },
    runtime: NOTHING_COMPUTED,
    examples: [['deepcode inspect face.png', 'prompt, seed and mark of a generated image']],
    async run(paths, { json }, { output, signal }) {
      let failed = false;
      for (const path of paths) {
        try {
          const metadata = readPngMetadata(await readImageBytes(path, { maxBytes: DECODE_OPTIONS.maxBytes.default, signal }));
          await (json ? output.json({ path, ...metadata }) : output.result(metadataText(path, metadata)));
        } catch (error) {
          if (!(error instanceof DeepcodeError)) throw error;
          failed = true;
          const { code, message } = error;
          if (json) await output.json({ path, error: { code, message } });
          else output.note(`deepcode: ${printable(path)}: ${printable(message)} [${code}]`, 'red');
        }
      }
      return failed ? EXIT.failed : EXIT.ok;
    },
  });
}
