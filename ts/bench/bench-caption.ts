/** The comparison of `deepcode bench caption`: ViT and GPT-2 with random weights, 4 beams, 16 tokens. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseCaptionModel } from '../caption/model-config.js';
import { CAPTION_OPTIONS } from '../caption/options.js';
import { createRandom } from '../metrics/random.js';
import { callNative } from '../native.js';
import type { BenchHooks, BenchSettings } from './bench-detect.js';
import { compareSides, type ComparisonResult } from './comparison.js';
import type { CaptionJob } from './job.js';
import { ownCaptionSide, transformersSide } from './sides.js';

const SEED = 1;
const IMAGE_SIZE = 224;
const VOCABULARY = 50_257;

/**
 * config.json of ViT-B/16 with GPT-2 (small), and of a tiny one. The start token is not the end token: with random weights the
 * token that comes in is the most probable one to come out, and a caption that ends at once measures nothing.
 */
const MODELS = {
  base: { name: 'ViT-B/16 with GPT-2', encoder: {}, decoder: {} },
  tiny: {
    name: 'tiny ViT with tiny GPT-2',
    encoder: { hidden_size: 64, num_hidden_layers: 2, num_attention_heads: 2, intermediate_size: 128 },
    decoder: { n_embd: 64, n_layer: 2, n_head: 2, n_positions: 64 },
  },
} as const;

function configOf({ encoder, decoder }: (typeof MODELS)[keyof typeof MODELS]): object {
  const tokens = { decoder_start_token_id: 0, bos_token_id: 0, eos_token_id: VOCABULARY - 1, pad_token_id: VOCABULARY - 1 };
  return {
    model_type: 'vision-encoder-decoder',
    architectures: ['VisionEncoderDecoderModel'],
    encoder: { model_type: 'vit', image_size: IMAGE_SIZE, ...encoder },
    decoder: { model_type: 'gpt2', add_cross_attention: true, is_decoder: true, vocab_size: VOCABULARY, ...decoder },
    tie_word_embeddings: true,
    ...tokens,
  };
}

/** Writes the model's folder and an image into `folder`. */
async function writeFiles(size: keyof typeof MODELS, folder: string, signal: AbortSignal): Promise<Pick<CaptionJob, 'model' | 'image'>> {
  const [model, image] = [join(folder, 'model'), join(folder, 'image.bin')];
  mkdirSync(model);
  const config = configOf(MODELS[size]);
  writeFileSync(join(model, 'config.json'), JSON.stringify(config));
  const { encoder, decoder } = parseCaptionModel(config, {}, 'model');
  const weights = join(model, 'model.safetensors');
  await callNative(signal, (addon, token) => addon.captionerRandomWeights({ encoder, decoder }, weights, SEED, token));
  const random = createRandom(SEED);
  writeFileSync(image, Uint8Array.from({ length: IMAGE_SIZE * IMAGE_SIZE * 3 }, () => random.below(256)));
  return { model, image };
}

const NO_PYTHON = 'No Python to compare with: name one that has torch and transformers with --python or DEEPCODE_BENCH_PYTHON.';

/** Yields one comparison a dtype. Rejects with AbortError, or with what our own side fails with. */
export async function* benchCaption(settings: BenchSettings, { signal, onProgress }: BenchHooks): AsyncGenerator<ComparisonResult> {
  const { modelSize, device, threads, python, repeats: rounds } = settings;
  const folder = mkdtempSync(join(tmpdir(), 'deepcode-bench-'));
  try {
    onProgress('caption: writing random weights');
    const files = await writeFiles(modelSize, folder, signal);
    const search = { beams: CAPTION_OPTIONS.beams.default, maxLength: CAPTION_OPTIONS.maxLength.default };
    for (const dtype of settings.dtypes) {
      const place = { batchSize: 1, dtype, device, threads, imageSize: IMAGE_SIZE };
      const job: CaptionJob = { workload: 'caption', architecture: MODELS[modelSize].name, ...place, ...search, ...files };
      const commands = [ownCaptionSide(), ...(python === undefined ? [] : [transformersSide(python)])];
      const onRound = (round: number): void => onProgress(`caption ${dtype}: round ${round + 1}/${rounds}`);
      const result = await compareSides(commands, job, { rounds, signal, onRound });
      yield { ...result, missing: [...(python === undefined ? [NO_PYTHON] : []), ...result.missing] };
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
