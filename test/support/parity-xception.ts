/** Networks of ts/detect/xception-config.ts, opened through the addon. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseXceptionConfig } from '../../ts/detect/xception-config.js';
import { callNative } from '../../ts/native.js';
import type { NativeDetector, NativeDetectorSpec } from '../../ts/native/detector.js';

/** The network of a folder on the processor in fp32, but for `changes`. */
export function openXception(folder: string, changes: Partial<NativeDetectorSpec> = {}): Promise<NativeDetector> {
  const config: unknown = JSON.parse(readFileSync(join(folder, 'config.json'), 'utf8'));
  const { network, preprocessing } = parseXceptionConfig(config, 'config.json');
  const spec: NativeDetectorSpec = {
    network,
    weights: join(folder, 'model.safetensors'),
    numLogits: 2,
    mean: preprocessing.mean,
    std: preprocessing.std,
    device: 'cpu',
    dtype: 'fp32',
    batchSize: 4,
    flipAverage: false,
    ...changes,
  };
  return callNative(undefined, (addon, token) => addon.detectorLoad(spec, token));
}
