/** Tells the format by its first bytes, never by a file's name, and reads its header. */
import { HeaderError, type ImageHeader } from './image-header.js';
import { readJpegHeader } from './jpeg.js';
import { readPngHeader } from './png.js';
import { readWebpHeader } from './webp.js';

type Reader = (bytes: Uint8Array) => ImageHeader;

const startsWith = (bytes: Uint8Array, at: number, prefix: string): boolean =>
  bytes.length >= at + prefix.length && [...prefix].every((letter, i) => bytes[at + i] === letter.charCodeAt(0));

function readerFor(bytes: Uint8Array): Reader | undefined {
  if (startsWith(bytes, 0, '\xff\xd8\xff')) return readJpegHeader;
  if (startsWith(bytes, 0, '\x89PNG\r\n\x1a\n')) return readPngHeader;
  if (startsWith(bytes, 0, 'RIFF') && startsWith(bytes, 8, 'WEBP')) return readWebpHeader;
  return undefined;
}

/** Throws HeaderError for anything but the start of a JPEG, PNG or WebP file with at least one pixel. */
export function probeImage(bytes: Uint8Array): ImageHeader {
  if (bytes.length === 0) throw new HeaderError('the file is empty');
  const read = readerFor(bytes);
  if (!read) throw new HeaderError('it is not a JPEG, PNG or WebP file');
  const header = read(bytes);
  if (header.width < 1 || header.height < 1) throw new HeaderError('its width or height is zero');
  return header;
}
