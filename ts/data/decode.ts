/**
 * JPEG, PNG and WebP to the RGB of Pillow's `ImageOps.exif_transpose(Image.open(f)).convert("RGB")`.
 *
 * sharp (libvips) only unpacks the samples. What it could do on top is left out, because Pillow does it
 * differently or not at all: ICC profiles and gamma chunks are ignored, alpha is dropped, CMYK becomes
 * r = (255 - c)(255 - k) / 255, 16-bit samples keep their high byte, except plain 16-bit grey, whose values
 * Pillow clips at 255.
 */
import sharp from 'sharp';
import { throwIfAborted } from '../abortable.js';
import { DeepcodeError } from '../errors.js';
import { integer, resolveOptions } from '../options.js';
import { callNative } from '../native.js';
import type { PixelLayout, SampleDepth } from '../native/bindings.js';
import { HeaderError, type ImageHeader } from './headers/image-header.js';
import { probeImage } from './headers/probe.js';
import { checkImageInput, imageName, readImageBytes, type ImageInput } from './image-input.js';
import type { RgbImage } from './rgb-image.js';

export const DECODE_OPTIONS = {
  maxPixels: integer({ default: 40_000_000, min: 1, max: 40_000_000, help: 'refuse images of more pixels' }),
  maxBytes: integer({ default: 2 ** 27, min: 1, max: 2 ** 30, help: 'refuse longer files' }),
} as const;

export interface DecodeOptions {
  /** Width x height of the largest image to decode. Default and maximum 40,000,000. */
  maxPixels?: number | undefined;
  /** Length of the longest file to read. Default 128 MiB. */
  maxBytes?: number | undefined;
  signal?: AbortSignal | undefined;
}

interface Samples {
  data: Uint8Array;
  width: number;
  height: number;
  channels: number;
}

/**
 * The loaders of libvips that are not made for untrusted files, and the one that would take a JPEG with a gain
 * map away from the plain JPEG loader. The first bytes already decide which loader runs; this is a second lock.
 */
const BLOCKED_LOADERS = [
  'Uhdr', 'Svg', 'Pdf', 'Magick', 'OpenSlide', 'Mat', 'Nifti', 'Analyze', 'Vips', 'Csv', 'Matrix', 'Ppm', 'Rad',
  'OpenExr', 'Jxl', 'Jp2k', 'DcRaw',
].map((name) => `VipsForeignLoad${name}`); // prettier-ignore

/**
 * The damage that Pillow refuses. JPEG decoders merely warn of a good deal of what cameras write, so only missing
 * data fails; a PNG must have the checksums it claims.
 */
const FAIL_ON = { jpeg: 'truncated', png: 'error', webp: 'truncated' } as const;

let locked = false;

function lockLoaders(): void {
  if (locked) return;
  sharp.block({ operation: BLOCKED_LOADERS });
  locked = true;
}

function refusal(name: string, reason: string, cause?: unknown): DeepcodeError {
  return new DeepcodeError('ERR_IMAGE', `Cannot decode ${name}: ${reason}.`, cause === undefined ? {} : { cause });
}

/** The first line of what libvips reports, without its module's name and without control characters. */
function libvipsReason(error: unknown): string {
  const line = String(error instanceof Error ? error.message : error).split('\n', 1)[0] ?? '';
  const detail = line.replace(/^\w+: /, '').replace(/[^\x20-\x7e]/g, '').trim().slice(0, 120);
  return detail === '' ? 'its data is damaged' : `its data is damaged (${detail.replace(/\.+$/, '')})`;
}

/** Samples as stored: no orientation, no colour management, no scaling of 16-bit samples. */
async function readSamples(bytes: Uint8Array, header: ImageHeader): Promise<Samples> {
  const pixels = header.width * header.height;
  const failOn = FAIL_ON[header.format];
  const image = sharp(bytes, { failOn, ignoreIcc: true, limitInputPixels: pixels, pages: 1 });
  if (header.cmyk) image.pipelineColourspace('cmyk').toColourspace('cmyk');
  else if (header.depth === 16) image.toColourspace('rgb16');
  image.removeAlpha().raw({ depth: header.depth === 16 ? 'ushort' : 'uchar' });
  const { data, info } = await image.toBuffer({ resolveWithObject: true });
  return { data, width: info.width, height: info.height, channels: info.channels };
}

function layoutOf(samples: Samples, header: ImageHeader): PixelLayout {
  if (header.cmyk) return 'cmyk';
  const layouts: readonly PixelLayout[] = ['grey', 'greyAlpha', 'rgb', 'rgba'];
  const layout = layouts[samples.channels - 1];
  if (!layout) throw new HeaderError(`it has ${samples.channels} channels`);
  return layout;
}

async function toUprightRgb(samples: Samples, header: ImageHeader): Promise<RgbImage> {
  const layout = layoutOf(samples, header);
  const { width, height, data } = samples;
  if (layout === 'rgb' && header.depth === 8 && header.orientation === 1) return { width, height, data };
  const depth: SampleDepth = header.depth === 8 ? '8' : header.clipped ? '16Clip' : '16HighByte';
  const options = { sourceWidth: width, sourceHeight: height, layout, depth, orientation: header.orientation };
  return callNative(undefined, (addon) => addon.imageUnpack(data, options));
}

function checkedHeader(bytes: Uint8Array, maxPixels: number): ImageHeader {
  const header = probeImage(bytes);
  if (header.width * header.height > maxPixels) {
    const megapixels = (maxPixels / 1e6).toFixed(1).replace(/\.0$/, '');
    throw new HeaderError(`${header.width} x ${header.height} is more than ${megapixels} megapixels; scale it down`);
  }
  return header;
}

async function decodeBytes(bytes: Uint8Array, name: string, maxPixels: number): Promise<RgbImage> {
  try {
    const header = checkedHeader(bytes, maxPixels);
    return await toUprightRgb(await readSamples(bytes, header), header);
  } catch (error) {
    if (error instanceof DeepcodeError) throw error;
    if (error instanceof HeaderError) throw refusal(name, error.message);
    throw refusal(name, libvipsReason(error), error);
  }
}

async function decode(input: ImageInput, options: DecodeOptions): Promise<RgbImage> {
  const { maxPixels, maxBytes } = resolveOptions(DECODE_OPTIONS, options);
  const { signal } = options;
  const bytes = await readImageBytes(input, { maxBytes, signal });
  const image = await decodeBytes(bytes, imageName(input), maxPixels);
  throwIfAborted(signal);
  return image;
}

/**
 * Decodes one image to upright 8-bit RGB. Of an animated WebP the first frame is taken.
 *
 * Throws TypeError or RangeError for wrong arguments. Rejects with ERR_IMAGE (not a JPEG, PNG or WebP,
 * truncated, damaged, too many pixels), ERR_IO (cannot be read) or AbortError.
 */
export function decodeImage(input: ImageInput, options: DecodeOptions = {}): Promise<RgbImage> {
  checkImageInput(input);
  resolveOptions(DECODE_OPTIONS, options);
  lockLoaders();
  return decode(input, options);
}
