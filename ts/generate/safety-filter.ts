/** The safety checker that comes with a model, for drawn images. */
import type { RgbImage } from '../data/rgb-image.js';
import { callNative } from '../native.js';
import type { NativeSafetyChecker } from '../native/clip.js';
import type { ResolvedRuntime } from '../runtime.js';
import { parseSafetyCheckerConfig } from './config/clip-config.js';
import { parseClipPreprocessor, type ClipPreprocessing } from './config/clip-preprocessor.js';
import type { ModelFolder } from './model-folder.js';
import { safetyCrop } from './safety-image.js';

export type SafetyCheckerFiles = NonNullable<ModelFolder['safetyChecker']>;

export class SafetyFilter {
  private constructor(
    private readonly network: NativeSafetyChecker,
    private readonly preprocessing: ClipPreprocessing,
  ) {}

  /** @throws DeepcodeError ERR_CONFIG, ERR_WEIGHTS_*, ERR_IO */
  static async load(files: SafetyCheckerFiles, runtime: ResolvedRuntime, signal: AbortSignal | undefined): Promise<SafetyFilter> {
    const safetyChecker = parseSafetyCheckerConfig(files.config, files.where);
    const { config, where } = files.preprocessor;
    const preprocessing = parseClipPreprocessor(config, safetyChecker.vision.imageSize, where);
    const { mean, std } = preprocessing;
    const spec = { safetyChecker, weights: files.weights, mean, std, ...runtime };
    const network = await callNative(signal, (addon, token) => addon.safetyCheckerLoad(spec, token));
    return new SafetyFilter(network, preprocessing);
  }

  /** Whether the image shows an unwanted concept. */
  async isFlagged(image: RgbImage, signal: AbortSignal | undefined): Promise<boolean> {
    const crop = await safetyCrop(image, this.preprocessing);
    const { concepts } = await callNative(signal, (_, token) => this.network.check(crop, 1, token));
    return concepts.some((excess) => excess > 0);
  }

  dispose(): void {
    this.network.dispose();
  }
}
