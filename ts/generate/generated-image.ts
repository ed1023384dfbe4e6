/** An image that was drawn, with what is known of it. */
import sharp from 'sharp';
import type { RgbImage } from '../data/rgb-image.js';
import type { TensorData } from '../weights/tensor-data.js';
import { parametersText, type ImageParameters } from './parameters-text.js';
import { markGenerated } from './png-metadata.js';
import type { GeneratedImage } from './types.js';

interface Drawn {
  image: RgbImage;
  flagged: boolean;
  latents: TensorData;
  parameters: ImageParameters;
}

export function generatedImage({ image, flagged, latents, parameters }: Drawn): GeneratedImage {
  const { width, height } = image;
  const data = flagged ? new Uint8Array(image.data.length) : image.data;
  const text = parametersText(parameters);
  return {
    width,
    height,
    data,
    seed: parameters.seed,
    flagged,
    latents,
    parameters: text,
    async png() {
      const plain = await sharp(data, { raw: { width, height, channels: 3 } }).png().toBuffer();
      return markGenerated(plain, text);
    },
  };
}
