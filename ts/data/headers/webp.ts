/** WebP (RFC 9649): the canvas of VP8, VP8L and VP8X files, EXIF and XMP. */
import { ByteReader, HeaderError, type ImageHeader } from './image-header.js';
import { orientationOf } from './orientation.js';

const FIRST_CHUNK = 12;
const CHUNK_HEADER = 8;

type Size = Pick<ImageHeader, 'width' | 'height'>;

/** `at` is where the chunk's data starts. */
const SIZE_READERS: Readonly<Record<string, (reader: ByteReader, at: number) => Size>> = {
  'VP8 ': (reader, at) => ({
    width: reader.u16(at + 6, true) & 0x3fff,
    height: reader.u16(at + 8, true) & 0x3fff,
  }),
  VP8L: (reader, at) => {
    const bits = reader.u32(at + 1, true);
    return { width: (bits & 0x3fff) + 1, height: ((bits >>> 14) & 0x3fff) + 1 };
  },
  VP8X: (reader, at) => ({ width: reader.u24(at + 4) + 1, height: reader.u24(at + 7) + 1 }),
};

function findChunk(reader: ByteReader, kind: string): Uint8Array | undefined {
  for (let at = FIRST_CHUNK; at + CHUNK_HEADER <= reader.length; ) {
    const length = reader.u32(at + 4, true);
    if (at + CHUNK_HEADER + length > reader.length) return undefined;
    if (reader.text(at, 4) === kind) return reader.slice(at + CHUNK_HEADER, length);
    at += CHUNK_HEADER + length + (length % 2);
  }
  return undefined;
}

export function readWebpHeader(bytes: Uint8Array): ImageHeader {
  const reader = new ByteReader(bytes);
  const kind = reader.text(FIRST_CHUNK, 4);
  const readSize = SIZE_READERS[kind];
  if (!readSize) throw new HeaderError('the WebP data has no picture');
  const extended = kind === 'VP8X';
  return {
    format: 'webp',
    ...readSize(reader, FIRST_CHUNK + CHUNK_HEADER),
    depth: 8,
    cmyk: false,
    clipped: false,
    orientation: extended ? orientationOf(findChunk(reader, 'EXIF'), findChunk(reader, 'XMP ')) : 1,
  };
}
