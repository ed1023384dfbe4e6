/** config.json of a trained or merged model, made from the base's. */
import type { DetectorPreprocessing } from '../detector-json.js';

type JsonObject = Readonly<Record<string, unknown>>;

const objectOf = (value: unknown): JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : {};

/**
 * timm reads the number of classes from three places and the image size from two; model_args wins, so what
 * it says is corrected where it says anything.
 *
 * @param labels class names by logit; null for a head that is not a detector's own
 */
export function modelConfig(
  base: JsonObject,
  numClasses: number,
  preprocessing: DetectorPreprocessing,
  labels: readonly string[] | null,
): JsonObject {
  const [, height, width] = preprocessing.inputSize;
  const args = objectOf(base['model_args']);
  const pretrained = objectOf(base['pretrained_cfg']);
  const resized = JSON.stringify(pretrained['input_size']) !== JSON.stringify(preprocessing.inputSize);
  const corrected = {
    ...args,
    ...('num_classes' in args && { num_classes: numClasses }),
    ...(('img_size' in args || resized) && { img_size: height === width ? height : [height, width] }),
  };
  return {
    ...base,
    num_classes: numClasses,
    ...(labels && { label_names: labels }),
    ...(Object.keys(corrected).length > 0 && { model_args: corrected }),
    pretrained_cfg: {
      ...pretrained,
      num_classes: numClasses,
      input_size: preprocessing.inputSize,
      interpolation: preprocessing.interpolation,
      crop_pct: preprocessing.cropPct,
      crop_mode: preprocessing.cropMode,
      mean: preprocessing.mean,
      std: preprocessing.std,
      ...(labels && { label_names: labels }),
    },
  };
}
