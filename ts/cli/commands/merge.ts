/** `deepcode merge`: an adapter folded into its base. */
import { MERGE_OPTIONS, mergeAdapter } from '../../detect/train/merge.js';
import { flag } from '../../options.js';
import { defineCommand, NOTHING_COMPUTED, type Program } from '../define-command.js';

export function register(program: Program): void {
  defineCommand(program, {
    name: 'merge',
    summary: 'fold an adapter into its base model',
    description:
      'Writes a timm folder (config.json, model.safetensors) whose logits are those of the base with the adapter, ' +
      "and the adapter's detector.json with it.",
    options: { ...MERGE_OPTIONS, json: flag({ help: 'print the result as one JSON object' }) },
    runtime: NOTHING_COMPUTED,
    required: ['adapter', 'out'],
    examples: [['deepcode merge --adapter runs/first --out detector', 'the result of a run as one model']],
    run: async (_, options, { output, signal }) => {
      const report = await mergeAdapter(options, { signal });
      const { folder, layers, modules } = report;
      const replaced = modules.length > 0 ? `, ${modules.join(', ')} replaced` : '';
      await (options.json
        ? output.json(report)
        : output.result(`${folder}: ${layers} layers merged${replaced}`));
    },
  });
}
