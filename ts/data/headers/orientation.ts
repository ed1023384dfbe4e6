/**
 * The orientation that Pillow's ImageOps.exif_transpose would apply: EXIF tag 0x0112 of the first image
 * directory, or where EXIF has none, `tiff:Orientation` of the XMP packet.
 */
import { ByteReader } from './image-header.js';

const ORIENTATION_TAG = 0x0112;
const SHORT = 3;
const LONG = 4;
const EXIF_PREFIX = 'Exif\0\0';
/** An image directory of a camera has some 20 entries; a longer one is not worth reading. */
const MAX_ENTRIES = 1000;

const valid = (value: number): number | undefined => (value >= 1 && value <= 8 ? value : undefined);

function readDirectory(reader: ByteReader, littleEndian: boolean): number | undefined {
  const directory = reader.u32(4, littleEndian);
  const count = Math.min(reader.u16(directory, littleEndian), MAX_ENTRIES);
  for (let i = 0; i < count; i++) {
    const entry = directory + 2 + 12 * i;
    if (reader.u16(entry, littleEndian) !== ORIENTATION_TAG) continue;
    const type = reader.u16(entry + 2, littleEndian);
    if (type === SHORT) return valid(reader.u16(entry + 8, littleEndian));
    if (type === LONG) return valid(reader.u32(entry + 8, littleEndian));
    return undefined;
  }
  return undefined;
}

/** Damaged EXIF data says nothing, as in Pillow; it is no reason to refuse the picture. */
export function exifOrientation(exif: Uint8Array): number | undefined {
  try {
    const whole = new ByteReader(exif);
    const prefixed = exif.length > 6 && whole.text(0, 6) === EXIF_PREFIX;
    const reader = prefixed ? new ByteReader(exif.subarray(6)) : whole;
    const order = reader.text(0, 2);
    if (order !== 'II' && order !== 'MM') return undefined;
    return readDirectory(reader, order === 'II');
  } catch {
    return undefined;
  }
}

export function xmpOrientation(xmp: Uint8Array): number | undefined {
  const text = Buffer.from(xmp.buffer, xmp.byteOffset, xmp.byteLength).toString('latin1');
  const match = /tiff:Orientation(?:="|>)([0-9])/.exec(text);
  return match ? valid(Number(match[1])) : undefined;
}

/** EXIF first, then XMP, else 1 (upright). */
export function orientationOf(exif: Uint8Array | undefined, xmp: Uint8Array | undefined): number {
  return (exif && exifOrientation(exif)) ?? (xmp && xmpOrientation(xmp)) ?? 1;
}
