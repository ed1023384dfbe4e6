/** How images are compared by Gram matrices. */
import { choice, flag, integer, text, type Given, type Resolved } from '../../options.js';
import type { RuntimeOptions } from '../../runtime.js';

/**
 * Features are taken after the rectification: Gatys et al. 2016 write them so (the gradient in their equation 2 is 0
 * where F is), and in the Caffe model that they used, where ReLU works in place, "conv1_1" holds rectified values.
 * PyTorch's style-transfer tutorial reads the convolutions' own outputs: that is `features: 'conv'`.
 */
export const GRAM_OPTIONS = {
  layers: text({
    default: 'conv1_1,conv2_1,conv3_1,conv4_1,conv5_1',
    placeholder: 'LAYERS',
    help: 'layers of VGG-19, with weights if wanted: conv1_1:0.5,conv5_1',
  }),
  distance: choice({ choices: ['l1', 'l2'], default: 'l1', help: 'between two Gram matrices: sum of magnitudes, or Euclidean' }),
  features: choice({ choices: ['relu', 'conv'], default: 'relu', help: 'what is compared: values after ReLU, or before' }),
  unnormalized: flag({ help: 'do not divide Gram matrices by C x H x W' }),
  size: integer({ default: 224, min: 32, max: 1024, placeholder: 'PIXELS', help: 'side of the square that each image becomes' }),
  batchSize: integer({ default: 8, min: 2, max: 256, help: 'images in one forward' }),
} as const;

export type GramOptions = Given<typeof GRAM_OPTIONS> & RuntimeOptions & { readonly signal?: AbortSignal | undefined };
export type ResolvedGramOptions = Resolved<typeof GRAM_OPTIONS>;
