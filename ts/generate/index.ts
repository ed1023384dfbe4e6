/** Generation: images from a prompt with Stable Diffusion. */
export * from './gram/index.js';
export { TextToImage } from './text-to-image.js';
export type { Generation } from './generation.js';
export type {
  GeneratedImage,
  GenerateOptions,
  GenerationStep,
  LoraOption,
  PromptReport,
  TextToImageInfo,
  TextToImageOptions,
} from './types.js';
export type { SourceImage } from './source-image.js';
export * from './prompt/index.js';
export { readPngMetadata } from './png-metadata.js';
export type { PngMetadata } from './png-metadata.js';
export type { PngText } from './png-chunks.js';
export { SCHEDULER_NAMES, TIMESTEP_SPACINGS } from './schedulers.js';
export type { SchedulerChoice, SchedulerName, TimestepSpacing } from './schedulers.js';
export { makeScheduler, Scheduler } from './scheduler.js';
