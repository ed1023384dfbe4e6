/** The safety checker on drawn images, prepared as transformers' CLIPImageProcessor does. */
import { Fields } from '../detect/json-fields.js';
import type { RgbImage } from '../data/rgb-image.js';
import { DeepcodeError } from '../errors.js';
import { callNative } from '../native.js';
import type { NativeSafetyChecker } from '../native-clip.js';
import type { Dtype } from '../runtime.js';
import { parseSafetyCheckerConfig } from './config/clip-config.js';
import type { ModelFolder } from './model-folder.js';

/** CLIP's statistics, for a configuration that has none. */
const CLIP_MEAN = [0.48145466, 0.4578275, 0.40821073] as const;
const CLIP_STD = [0.26862954, 0.26130258, 0.27577711] as const;

/** 224, {shortest_edge: 224} or {height: 224, width: 224}. */
function sideOf(fields: Fields, name: string): number {
  const value = fields.raw(name);
  if (typeof value !== 'object' || value === null) return fields.number(name, { min: 1, max: 4096, integer: true });
  const size = fields.object(name);
  const key = ['shortest_edge', 'height'].find((side) => size.raw(side) !== undefined) ?? 'height';
  return size.number(key, { min: 1, max: 4096, integer: true });
}

function statistics(fields: Fields, name: string, fallback: readonly [number, number, number]): readonly number[] {
  return fields.raw(name) === undefined ? fallback : fields.numbers(name, 3, {});
}

export class SafetyFilter {
  private constructor(
    private readonly network: NativeSafetyChecker,
    private readonly resized: number,
    private readonly side: number,
  ) {}

  /** @throws DeepcodeError ERR_CONFIG, ERR_WEIGHTS_*, ERR_IO */
  static async load(
    files: NonNullable<ModelFolder['safetyChecker']>,
    runtime: { device: string; dtype: Dtype },
    signal: AbortSignal | undefined,
  ): Promise<SafetyFilter> {
    const fields = new Fields(files.preprocessor.config, files.preprocessor.where);
    const safetyChecker = parseSafetyCheckerConfig(files.config, files.where);
    const [resized, side] = [sideOf(fields, 'size'), sideOf(fields, 'crop_size')];
    if (side !== safetyChecker.vision.imageSize) {
      const expected = safetyChecker.vision.imageSize;
      throw new DeepcodeError('ERR_CONFIG', `${files.preprocessor.where}: a crop of ${side} pixels, but the safety checker takes ${expected}.`);
    }
    const mean = statistics(fields, 'image_mean', CLIP_MEAN);
    const std = statistics(fields, 'image_std', CLIP_STD);
    const spec = { safetyChecker, weights: files.weights, mean, std, ...runtime };
    const network = await callNative(signal, (addon, token) => addon.safetyCheckerLoad(spec, token));
    return new SafetyFilter(network, resized, side);
  }

  /** Whether the image shows an unwanted concept. */
  async isFlagged(image: RgbImage, signal: AbortSignal | undefined): Promise<boolean> {
    const { data } = await this.#prepare(image);
    const { concepts } = await callNative(signal, (_, token) => this.network.check(data, 1, token));
    return concepts.some((excess) => excess > 0);
  }

  dispose(): void {
    this.network.dispose();
  }

  /** The shorter side at `resized` pixels, then the middle. */
  #prepare({ width, height, data }: RgbImage): Promise<RgbImage> {
    const shorter = Math.min(width, height);
    const scaled = (own: number): number => (own === shorter ? this.resized : Math.trunc((this.resized * own) / shorter));
    const [newWidth, newHeight] = [scaled(width), scaled(height)];
    const middle = (side: number): number => Math.floor((side - this.side) / 2);
    const crop = { left: middle(newWidth), top: middle(newHeight), width: this.side, height: this.side };
    return callNative(undefined, (addon) =>
      addon.imageResizeCrop(data, {
        sourceWidth: width, sourceHeight: height, filter: 'bicubic', width: newWidth, height: newHeight, crop, fill: [0, 0, 0],
      }), // prettier-ignore
    );
  }
}
