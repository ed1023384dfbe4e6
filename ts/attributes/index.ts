/** Attributes of faces: where the networks come from, and the result in DeepFace's shape. */
export { resolveAttributeModels } from './human-models.js';
export type { AttributeModelOptions, AttributeModels } from './human-models.js';
export { FaceAnalyzer } from './face-analyzer.js';
export type { FaceAnalyzerOptions } from './face-analyzer.js';
export { EMOTIONS, GENDERS, RACES } from './face-attributes.js';
export type {
  AgeResult,
  Emotion,
  EmotionResult,
  FaceAttributes,
  FaceRegion,
  Gender,
  GenderResult,
  Race,
  RaceResult,
  Scores,
} from './face-attributes.js';
