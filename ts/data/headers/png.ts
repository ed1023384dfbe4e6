/** PNG (ISO/IEC 15948): IHDR, eXIf and an uncompressed XMP text chunk. */
import { ByteReader, HeaderError, type ImageHeader } from './image-header.js';
import { orientationOf } from './orientation.js';

const GREY = 0;
const XMP_KEYWORD = 'XML:com.adobe.xmp\0\0';

/** The first chunk of each kind: where its data starts and how long it is. */
function findChunks(reader: ByteReader, kinds: readonly string[]): Map<string, Uint8Array> {
  const found = new Map<string, Uint8Array>();
  for (let at = 8; at + 12 <= reader.length; ) {
    const length = reader.u32(at);
    const kind = reader.text(at + 4, 4);
    if (at + 12 + length > reader.length) break;
    if (kinds.includes(kind) && !found.has(kind)) found.set(kind, reader.slice(at + 8, length));
    at += 12 + length;
  }
  return found;
}

function xmpPacket(text: Uint8Array | undefined): Uint8Array | undefined {
  if (text === undefined) return undefined;
  const keyword = Buffer.from(text.subarray(0, XMP_KEYWORD.length)).toString('latin1');
  return keyword === XMP_KEYWORD ? text : undefined;
}

export function readPngHeader(bytes: Uint8Array): ImageHeader {
  const reader = new ByteReader(bytes);
  if (reader.text(12, 4) !== 'IHDR') throw new HeaderError('the PNG data has no header');
  const chunks = findChunks(reader, ['eXIf', 'iTXt']);
  const depth = reader.u8(24) === 16 ? 16 : 8;
  return {
    format: 'png',
    width: reader.u32(16),
    height: reader.u32(20),
    depth,
    cmyk: false,
    clipped: depth === 16 && reader.u8(25) === GREY,
    orientation: orientationOf(chunks.get('eXIf'), xmpPacket(chunks.get('iTXt'))),
  };
}
