/** PNG as its chunks (ISO/IEC 15948, clauses 5 and 11.3.3): read with checksums, written back whole. */
import { constants, crc32, inflateSync } from 'node:zlib';
import { DeepcodeError } from '../errors.js';

const SIGNATURE = Buffer.from('\x89PNG\r\n\x1a\n', 'latin1');

/** A compressed text may expand to this many bytes: enough for any prompt, too few to hurt. */
const MAX_TEXT_BYTES = 2 ** 20;

export interface PngChunk {
  /** Four letters. */
  type: string;
  data: Buffer;
}

/** One entry of tEXt, zTXt or iTXt. */
export interface PngText {
  keyword: string;
  text: string;
}

const damaged = (reason: string): DeepcodeError => new DeepcodeError('ERR_IMAGE', `The PNG file is damaged: ${reason}.`);

/**
 * The chunks of a PNG file, in order, up to IEND; what follows it is ignored, as decoders do.
 *
 * @throws DeepcodeError ERR_IMAGE for what is no PNG, is cut short or has a wrong checksum
 */
export function readChunks(bytes: Uint8Array): PngChunk[] {
  const png = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (!png.subarray(0, 8).equals(SIGNATURE)) throw new DeepcodeError('ERR_IMAGE', 'This is not a PNG file.');
  const chunks: PngChunk[] = [];
  for (let at = 8; chunks.at(-1)?.type !== 'IEND'; ) {
    if (at + 12 > png.length) throw damaged('it ends early');
    const length = png.readUInt32BE(at);
    if (at + 12 + length > png.length) throw damaged('it ends early');
    const body = png.subarray(at + 4, at + 8 + length);
    if (crc32(body) !== png.readUInt32BE(at + 8 + length)) throw damaged('a checksum is wrong');
    chunks.push({ type: body.toString('latin1', 0, 4), data: body.subarray(4) });
    at += 12 + length;
  }
  if (chunks[0]!.type !== 'IHDR' || chunks[0]!.data.length !== 13) throw damaged('it has no header');
  return chunks;
}

function encodeChunk({ type, data }: PngChunk): Buffer {
  const chunk = Buffer.alloc(12 + data.length);
  chunk.writeUInt32BE(data.length, 0);
  chunk.write(type, 4, 'latin1');
  data.copy(chunk, 8);
  chunk.writeUInt32BE(crc32(chunk.subarray(4, 8 + data.length)), 8 + data.length);
  return chunk;
}

export function writeChunks(chunks: readonly PngChunk[]): Buffer {
  return Buffer.concat([SIGNATURE, ...chunks.map(encodeChunk)]);
}

const isLatin1 = (text: string): boolean => /^[\n\x20-\x7e\xa1-\xff]*$/.test(text);

/** tEXt where its Latin-1 suffices, which every reader knows; else iTXt. XMP is always iTXt, uncompressed. */
export function textChunk({ keyword, text }: PngText, kind: 'tEXt' | 'iTXt' = isLatin1(text) ? 'tEXt' : 'iTXt'): PngChunk {
  // A NUL would end a field early.
  const clean = text.replaceAll('\0', '\ufffd');
  if (kind === 'tEXt') return { type: kind, data: Buffer.from(`${keyword}\0${clean}`, 'latin1') };
  const header = Buffer.from(`${keyword}\0\0\0\0\0`, 'latin1'); // not compressed, no language, no translated keyword
  return { type: kind, data: Buffer.concat([header, Buffer.from(clean, 'utf8')]) };
}

function inflated(data: Buffer): Buffer | undefined {
  try {
    return inflateSync(data, { maxOutputLength: MAX_TEXT_BYTES, finishFlush: constants.Z_FINISH });
  } catch {
    return undefined;
  }
}

/** Splits at the first `count` NULs; undefined where there are fewer. */
function fields(data: Buffer, count: number): Buffer[] | undefined {
  const parts: Buffer[] = [];
  let start = 0;
  for (let i = 0; i < count; i++) {
    const end = data.indexOf(0, start);
    if (end < 0) return undefined;
    parts.push(data.subarray(start, end));
    start = end + 1;
  }
  return [...parts, data.subarray(start)];
}

function readInternational(data: Buffer): PngText | undefined {
  const [keyword, rest] = fields(data, 1) ?? [];
  if (!keyword || !rest || rest.length < 2) return undefined;
  const text = fields(rest.subarray(2), 2)?.[2];
  const value = text && rest[0] === 1 ? inflated(text) : text;
  return value && { keyword: keyword.toString('latin1'), text: value.toString('utf8') };
}

/** The text of a tEXt, zTXt or iTXt chunk; undefined for other chunks and for text that breaks its format. */
export function readText({ type, data }: PngChunk): PngText | undefined {
  if (type === 'iTXt') return readInternational(data);
  if (type !== 'tEXt' && type !== 'zTXt') return undefined;
  const [keyword, rest] = fields(data, 1) ?? [];
  const text = type === 'zTXt' ? rest && inflated(rest.subarray(1)) : rest;
  return keyword && text && { keyword: keyword.toString('latin1'), text: text.toString('latin1') };
}
