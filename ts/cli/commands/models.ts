/** `deepcode models`: the models on this machine. */
import { readdir, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { readDetectorJson } from '../../detect/detector-json.js';
import { DEFAULT_MODEL_FOLDER } from '../../detect/detector-source.js';
import { hubEnvironment } from '../../hub/environment.js';
import { flag } from '../../options.js';
import { formatTable } from '../../plots/table.js';
import { defineCommand, NOTHING_COMPUTED, type Program } from '../define-command.js';

interface ModelEntry {
  /** What to pass as --model; the embedded detector needs no name. */
  id: string;
  origin: 'package' | 'cache';
  /** Bytes of all weights. */
  bytes: number;
  terms: string;
  folder: string;
}

async function weightBytes(folder: string): Promise<number> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.safetensors'));
  const sizes = await Promise.all(names.map(async (name) => (await stat(join(folder, name))).size));
  return sizes.reduce((sum, size) => sum + size, 0);
}

async function describe(
  id: string,
  origin: ModelEntry['origin'],
  folder: string,
): Promise<ModelEntry[]> {
  const bytes = await weightBytes(folder).catch(() => 0);
  if (bytes === 0) return [];
  const detector = await readDetectorJson(folder).catch(() => undefined);
  return [{ id, origin, bytes, terms: detector?.weightsTerms ?? 'not stated', folder }];
}

/** The Hugging Face cache: models--owner--name/snapshots/<commit>. */
async function cachedModels(): Promise<ModelEntry[]> {
  const { cacheDir } = hubEnvironment();
  const folders = (await readdir(cacheDir).catch(() => []))
    .filter((name) => name.startsWith('models--'))
    .sort();
  const found = await Promise.all(
    folders.map(async (name) => {
      const snapshots = join(cacheDir, name, 'snapshots');
      const commits = await readdir(snapshots).catch(() => []);
      const id = name.split('--').slice(1).join('/');
      return (
        await Promise.all(
          commits.map((commit) => describe(`${id}@${commit}`, 'cache', join(snapshots, commit))),
        )
      ).flat();
    }),
  );
  return found.flat();
}

function table(models: readonly ModelEntry[]): string {
  return formatTable({
    columns: [
      { header: 'model' },
      { header: 'where' },
      { header: 'MB', align: 'right' },
      { header: 'terms' },
    ],
    rows: models.map(({ id, origin, bytes, terms }) => [
      origin === 'package' ? `${id} (used without --model)` : id,
      origin,
      (bytes / 1e6).toFixed(1),
      terms,
    ]),
  });
}

export function register(program: Program): void {
  defineCommand(program, {
    name: 'models',
    summary: 'list the models on this machine',
    description:
      'The detector that ships with the package, and what the Hugging Face cache holds (HF_HOME, HF_HUB_CACHE).',
    options: { json: flag({ help: 'print one JSON object a line' }) },
    runtime: NOTHING_COMPUTED,
    async run(_args, { json }, { output }) {
      const own = await describe(basename(DEFAULT_MODEL_FOLDER), 'package', DEFAULT_MODEL_FOLDER);
      const models = [...own, ...(await cachedModels())];
      if (json) for (const model of models) await output.json(model);
      else if (models.length > 0) await output.result(table(models));
      else output.note('There are no models here. Name a hub id or folder with --model.');
    },
  });
}
