/** JPEG (ITU-T T.81): the frame header, EXIF and XMP, up to the first scan. */
import { ByteReader, HeaderError, type ImageHeader } from './image-header.js';
import { orientationOf } from './orientation.js';

const START_OF_SCAN = 0xda;
const END_OF_IMAGE = 0xd9;
const APP1 = 0xe1;
const EXIF_PREFIX = 'Exif\0\0';
const XMP_PREFIX = 'http://ns.adobe.com/xap/1.0/\0';
/** SOF0 to SOF15 without DHT (C4), JPG (C8) and DAC (CC). */
const isFrameHeader = (marker: number): boolean =>
  marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc;
/** RST0 to RST7, SOI and TEM stand alone. */
const hasNoLength = (marker: number): boolean => (marker >= 0xd0 && marker <= 0xd8) || marker === 0x01;

interface Segment {
  marker: number;
  /** Of the bytes after the length field. */
  at: number;
  length: number;
}

/** The segments in front of the first scan's data, its header last. */
function* segments(reader: ByteReader): Generator<Segment> {
  let at = 2;
  for (;;) {
    // Stray bytes before a marker are skipped, as every decoder does.
    while (reader.u8(at) !== 0xff) at++;
    while (reader.u8(at) === 0xff) at++;
    const marker = reader.u8(at++);
    if (marker === 0 || hasNoLength(marker)) continue;
    if (marker === END_OF_IMAGE) return;
    const length = reader.u16(at) - 2;
    if (length < 0) throw new HeaderError('the JPEG data is damaged');
    yield { marker, at: at + 2, length };
    if (marker === START_OF_SCAN) return;
    at += 2 + length;
  }
}

function frame(reader: ByteReader, at: number): Pick<ImageHeader, 'width' | 'height' | 'cmyk'> {
  const precision = reader.u8(at);
  const components = reader.u8(at + 5);
  if (precision !== 8) throw new HeaderError(`${precision}-bit JPEG is not supported`);
  if (components !== 1 && components !== 3 && components !== 4) {
    throw new HeaderError(`JPEG with ${components} components is not supported`);
  }
  return { height: reader.u16(at + 1), width: reader.u16(at + 3), cmyk: components === 4 };
}

export function readJpegHeader(bytes: Uint8Array): ImageHeader {
  const reader = new ByteReader(bytes);
  let found: ReturnType<typeof frame> | undefined;
  let exif: Uint8Array | undefined;
  let xmp: Uint8Array | undefined;
  for (const { marker, at, length } of segments(reader)) {
    if (isFrameHeader(marker)) found ??= frame(reader, at);
    if (marker !== APP1) continue;
    const data = reader.slice(at, length);
    const prefix = Buffer.from(data.subarray(0, XMP_PREFIX.length)).toString('latin1');
    if (prefix.startsWith(EXIF_PREFIX)) exif ??= data;
    else if (prefix === XMP_PREFIX) xmp ??= data;
  }
  if (!found) throw new HeaderError('the JPEG data has no frame header');
  return { format: 'jpeg', ...found, depth: 8, clipped: false, orientation: orientationOf(exif, xmp) };
}
