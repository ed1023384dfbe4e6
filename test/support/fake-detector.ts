/** A Detector with a network and a decoder made for tests. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { ImageInput } from '../../ts/data/image-input.js';
import { Detector } from '../../ts/detect/detector.js';
import type { DetectorParts } from '../../ts/detect/detector-types.js';
import { DeepcodeError } from '../../ts/errors.js';
import type { NativeScores } from '../../ts/native/detector.js';

/** The "image" `n` decodes to byte n; its logits are [0, n / 10]. Names starting with "bad" fail. */
export function makeDetector(changes: Partial<DetectorParts> = {}): {
  detector: Detector;
  batches: number[][];
  state: { disposed: number; delay: number };
} {
  const batches: number[][] = [];
  const state = { disposed: 0, delay: 0 };
  const forward = async (images: Uint8Array, count: number): Promise<NativeScores> => {
    batches.push([...images]);
    if (state.delay > 0) await sleep(state.delay);
    return {
      logits: Float32Array.from([...images].flatMap((value) => [0, value / 10])),
      features: Float32Array.from({ length: 2 * count }, (_, i) => images[i >> 1]!),
    };
  };
  const prepare = async (input: ImageInput): Promise<Uint8Array> => {
    if (typeof input !== 'string') return Uint8Array.of((input as Uint8Array)[0]!);
    if (input.startsWith('bad')) throw new DeepcodeError('ERR_IMAGE', `Cannot decode ${input}.`);
    return Uint8Array.of(Number(input));
  };
  const parts: DetectorParts = {
    network: {
      parameterCount: 7,
      forward,
      gridRows: 2,
      gridColumns: 2,
      heatmap: async () => Float32Array.of(0, 1, 2, 3),
      dispose: () => void state.disposed++,
    },
    prepare,
    info: {
      model: 'model',
      adapter: undefined,
      parameters: 7,
      labels: ['real', 'fake'],
      tta: 'none',
      inputSize: [3, 2, 2],
      device: 'cpu',
      dtype: 'fp32',
      temperature: 2,
      threshold: 0.5,
      terms: 'none',
      trainedWith: null,
      trainedOn: [],
    },
    unsureBand: { from: 0.5, to: 0.5 },
    batchSize: 4,
    ...changes,
  };
  return { detector: new Detector(parts), batches, state };
}

export async function collect<T>(source: AsyncIterable<T>): Promise<T[]> {
  const items: T[] = [];
  for await (const item of source) items.push(item);
  return items;
}
