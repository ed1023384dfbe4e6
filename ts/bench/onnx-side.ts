/** Process of a comparison: onnxruntime-node, which is not a dependency and need not be there. */
import { readFileSync } from 'node:fs';
import type { BenchJob } from './job.js';
import { jobOfArguments, serve } from './serve.js';

/** The part of onnxruntime-node's interface that is used. */
interface OnnxRuntime {
  env: { versions: { node?: string; common: string } };
  Tensor: new (type: 'float32', data: Float32Array, dims: readonly number[]) => OnnxTensor;
  InferenceSession: { create(path: string, options: object): Promise<OnnxSession> };
}
interface OnnxTensor {
  data: Float32Array;
}
interface OnnxSession {
  run(feeds: Record<string, OnnxTensor>): Promise<Record<string, OnnxTensor>>;
}

/** Interleaved bytes to normalised planes: what the exported model takes. */
function planes(bytes: Uint8Array, { batchSize, imageSize, mean, std }: BenchJob): Float32Array {
  const area = imageSize * imageSize;
  const values = new Float32Array(bytes.length);
  for (let image = 0; image < batchSize; image++) {
    for (let pixel = 0; pixel < area; pixel++) {
      for (let channel = 0; channel < 3; channel++) {
        const byte = bytes[(image * area + pixel) * 3 + channel]!;
        values[(image * 3 + channel) * area + pixel] = (byte / 255 - mean[channel]!) / std[channel]!;
      }
    }
  }
  return values;
}

async function main(): Promise<void> {
  const job = jobOfArguments<BenchJob>();
  const { library, model } = job.onnx!;
  const ort = require(library) as OnnxRuntime;
  const session = await ort.InferenceSession.create(model, { intraOpNumThreads: job.threads, interOpNumThreads: 1 });
  const { imageSize: size } = job;
  const pixels = new ort.Tensor('float32', planes(readFileSync(job.images), job), [job.batchSize, 3, size, size]);
  const iteration = async () => (await session.run({ pixels }))['logits']!;
  const name = `onnxruntime-node ${ort.env.versions.node ?? ort.env.versions.common}`;
  await serve(iteration, async () => ({ name, logits: [...(await iteration()).data] }));
}

void main();
