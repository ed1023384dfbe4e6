/** Draws and aborts in turn, and prints by how many bytes the process grew: generate-memory-child.ts MODEL TIMES. */
import { TextToImage } from '../../../ts/generate/text-to-image.js';
import { isAbort } from '../../../ts/errors.js';

const WARM_UP = 5;

async function drawAndAbort(model: TextToImage): Promise<void> {
  const size = { prompt: 'a house', width: 64, height: 64, steps: 2 };
  await model.generate({ ...size, preview: true });
  const controller = new AbortController();
  const aborted = model.generate({ ...size, steps: 50, signal: controller.signal });
  try {
    for await (const { step } of aborted) if (step === 1) controller.abort();
  } catch (error) {
    if (!isAbort(error)) throw error;
    return;
  }
  throw new Error('the generation was not aborted');
}

function residentBytes(): number {
  (globalThis as unknown as { gc: () => void }).gc();
  return process.memoryUsage.rss();
}

async function main(): Promise<void> {
  const model = await TextToImage.load(process.argv[2]!, { device: 'cpu', dtype: 'fp32', threads: 1 });
  for (let i = 0; i < WARM_UP; i++) await drawAndAbort(model);
  const before = residentBytes();
  for (let i = 0; i < Number(process.argv[3]); i++) await drawAndAbort(model);
  console.log(residentBytes() - before);
}

void main();
