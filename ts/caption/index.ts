/** Captions of images. */
export { ImageCaptioner } from './image-captioner.js';
export type { Caption, ImageCaptions } from './image-captioner.js';
export type { CaptionerOptions, CaptionOptions } from './options.js';
