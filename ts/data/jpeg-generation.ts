/** A generation of JPEG compression. */
import sharp from 'sharp';
import type { RgbImage } from './rgb-image.js';

export interface JpegGeneration {
  /** 1 to 100 */
  quality: number;
  chromaSubsampling: '4:2:0' | '4:4:4';
}

/** The image as it comes back from a JPEG file. */
export async function throughJpeg(image: RgbImage, jpeg: JpegGeneration): Promise<Uint8Array> {
  const { width, height } = image;
  const encoded = await sharp(image.data, { raw: { width, height, channels: 3 } }).jpeg(jpeg).toBuffer();
  return sharp(encoded, { ignoreIcc: true }).raw().toBuffer();
}
