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
  return {
    ...base,
    num_classes: numClasses,
    ...(labels && { label_names: labels }),
    ...(base['model_args'] !== undefined && {
      model_args: {
        ...args,
        ...('num_classes' in args && { num_classes: numClasses }),
        ...('img_size' in args && { img_size: height === width ? height : [height, width] }),
      },
    }),
    pretrained_cfg: {
      ...pretrained,
      num_classes: numClasses,
      input_size: preprocessing.inputSize,
      ...(labels && { label_names: labels }),
    },
  };
}
