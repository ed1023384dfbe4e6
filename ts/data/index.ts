/** Public data API: decoding, preparing and resizing images, data sets, loaders, augmentation. */
export { AUGMENTATION_NAMES, AUGMENTATIONS, augmentationPolicy, augmentedCrop } from './augmentation.js';
export type { AugmentationName, AugmentationPolicy } from './augmentation.js';
export type {
  Dataset,
  DatasetNote,
  DatasetOptions,
  DatasetSample,
  Layout,
  SkippedEntry,
  Split,
} from './datasets/dataset.js';
export { identityOverlap, splitByIdentity } from './datasets/identity-split.js';
export type { IdentitySplitOptions } from './datasets/identity-split.js';
export { openDataset } from './datasets/open-dataset.js';
export { decodeImage } from './decode.js';
export type { DecodeOptions } from './decode.js';
export { DEMOGRAPHIC_ATTRIBUTES } from './demographics/demographics.js';
export type { Demographic, DemographicAttribute, Demographics } from './demographics/demographics.js';
export type { ImageInput } from './image-input.js';
export { ImageLoader } from './loader.js';
export type { ImageTransform, ItemFailure, LoadedImages, LoaderItem, LoaderOptions } from './loader.js';
export { cropImage, prepareImage } from './preprocess.js';
export type { Preprocessing } from './preprocess.js';
export { makePseudoFake, PSEUDO_FAKE_KINDS } from './pseudo-fakes.js';
export type { PseudoFakeKind } from './pseudo-fakes.js';
export { RESAMPLE_FILTERS, resampleImage } from './resample.js';
export type { ResampleOptions, SampleImage } from './resample.js';
export type { RgbImage } from './rgb-image.js';
