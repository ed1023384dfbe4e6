/**
 * Process of a comparison: @vladmandic/human on TensorFlow.js's WASM backend, with the networks that this package reads too.
 * Neither is a dependency. TensorFlow.js runs WASM with SIMD but on one thread in Node.js, whatever the job says.
 */
import { readFileSync } from 'node:fs';
import { sep } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { AttributesJob } from './job.js';
import { jobOfArguments, serve } from './serve.js';

/** The part of human's interface that is used. */
interface HumanLibrary {
  Human: new (config: object) => Human;
}
interface Human {
  version: string;
  tf: { tensor(data: Uint8Array, shape: readonly number[], dtype: 'float32'): object };
  load(): Promise<void>;
  detect(image: object): Promise<{ face: readonly object[]; error: string | null }>;
}

/** Node's fetch, which human reads models with, has no files. */
function teachFetchFiles(): void {
  const original = globalThis.fetch;
  globalThis.fetch = async (input, init) => {
    const url = input instanceof Request ? input.url : String(input);
    return url.startsWith('file:') ? new Response(new Uint8Array(readFileSync(new URL(url)))) : original(input, init);
  };
}

function configOf({ wasm, models }: NonNullable<AttributesJob['human']>): object {
  const off = { enabled: false };
  return {
    backend: 'wasm',
    wasmPath: `${wasm}${sep}`,
    modelBasePath: `${pathToFileURL(models).href}/`,
    debug: false,
    async: false,
    // Every picture anew: by default, one like the last is not looked at.
    cacheSensitivity: 0,
    filter: off,
    face: {
      enabled: true,
      detector: { modelPath: 'blazeface.json', maxDetected: 1, rotation: false, skipFrames: 0, skipTime: 0 },
      gear: { enabled: true, modelPath: 'gear.json', minConfidence: 0, skipFrames: 0, skipTime: 0 },
      emotion: { enabled: true, modelPath: 'emotion.json', skipFrames: 0, skipTime: 0 },
      mesh: off,
      iris: off,
      description: off,
    },
    body: off,
    hand: off,
    object: off,
    gesture: off,
    segmentation: off,
  };
}

async function main(): Promise<void> {
  const job = jobOfArguments<AttributesJob>();
  teachFetchFiles();
  const { Human } = require(job.human!.library) as HumanLibrary;
  const human = new Human(configOf(job.human!));
  await human.load();
  const image = human.tf.tensor(new Uint8Array(readFileSync(job.image)), [1, job.height, job.width, 3], 'float32');
  await serve(
    async () => {
      const { face, error } = await human.detect(image);
      if (face.length === 0) throw new Error(error ?? 'No face was found in the photograph.');
    },
    async () => ({ name: `@vladmandic/human ${human.version} (WASM, SIMD, 1 thread)` }),
  );
}

void main();
