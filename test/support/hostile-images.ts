/** Image files that no camera writes: bombs, false sizes, damage, other formats. */
import { crc32, deflateSync } from 'node:zlib';
import sharp from 'sharp';

export interface HostileImage {
  name: string;
  bytes: Buffer;
}

const PNG_SIGNATURE = Buffer.from('\x89PNG\r\n\x1a\n', 'latin1');

export function pngChunk(kind: string, data: Uint8Array, crcError = 0): Buffer {
  const body = Buffer.concat([Buffer.from(kind, 'latin1'), data]);
  const chunk = Buffer.alloc(body.length + 8);
  chunk.writeUInt32BE(data.length, 0);
  body.copy(chunk, 4);
  chunk.writeUInt32BE((crc32(body) ^ crcError) >>> 0, body.length + 4);
  return chunk;
}

export function pngHeader(width: number, height: number, depth = 8, colorType = 2): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([depth, colorType, 0, 0, 0], 8);
  return header;
}

export function png(header: Buffer, data: Uint8Array, errors: { header?: number; data?: number } = {}): Buffer {
  return Buffer.concat([
    PNG_SIGNATURE,
    pngChunk('IHDR', header, errors.header),
    pngChunk('IDAT', data, errors.data),
    pngChunk('IEND', Buffer.alloc(0)),
  ]);
}

/** A picture of one colour whose pixels are really there. */
export const flatPng = (width: number, height: number): Buffer =>
  png(pngHeader(width, height, 8, 0), deflateSync(Buffer.alloc((width + 1) * height)));

function jpegOfSize(jpeg: Buffer, width: number, height: number): Buffer {
  const frame = jpeg.findIndex((value, i) => value === 0xff && (jpeg[i + 1] === 0xc0 || jpeg[i + 1] === 0xc2));
  const changed = Buffer.from(jpeg);
  changed.writeUInt16BE(height, frame + 5);
  changed.writeUInt16BE(width, frame + 7);
  return changed;
}

function webpOfCanvas(width: number, height: number): Buffer {
  const chunk = Buffer.alloc(18);
  chunk.write('VP8X', 0, 'latin1');
  chunk.writeUInt32LE(10, 4);
  chunk.writeUInt8(2, 8); // animated
  chunk.writeUIntLE(width - 1, 12, 3);
  chunk.writeUIntLE(height - 1, 15, 3);
  const header = Buffer.from('RIFF\0\0\0\0WEBP', 'latin1');
  header.writeUInt32LE(4 + chunk.length, 4);
  return Buffer.concat([header, chunk]);
}

function gifOfFrames(count: number): Buffer {
  const screen = Buffer.from('GIF89a\x01\0\x01\0\x80\0\0\0\0\0\xff\xff\xff', 'latin1');
  const frame = Buffer.from('\x2c\0\0\0\0\x01\0\x01\0\0\x02\x02\x44\x01\0', 'latin1');
  return Buffer.concat([screen, ...Array.from({ length: count }, () => frame), Buffer.from(';')]);
}

const text = (content: string): Buffer => Buffer.from(content, 'latin1');

/** Files in formats that are refused, whatever they hold. */
export function otherFormats(): HostileImage[] {
  return [
    { name: 'an empty file', bytes: Buffer.alloc(0) },
    { name: 'text', bytes: text('hello, I am not an image') },
    { name: 'SVG', bytes: text('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"></svg>') },
    { name: 'TIFF', bytes: text('II*\0\x08\0\0\0\0\0\0\0\0\0') },
    { name: 'PDF', bytes: text('%PDF-1.7\n1 0 obj\n<<>>\nendobj\n') },
    { name: 'HEIF', bytes: text('\0\0\0\x18ftypheic\0\0\0\0mif1heic') },
    { name: 'BMP', bytes: text('BM\x46\0\0\0\0\0\0\0\x36\0\0\0\x28\0\0\0') },
    { name: 'a GIF of 10,000 frames', bytes: gifOfFrames(10_000) },
    { name: 'two bytes of a JPEG', bytes: text('\xff\xd8') },
    { name: 'a JPEG signature and nothing else', bytes: text('\xff\xd8\xff') },
    { name: 'a PNG signature and nothing else', bytes: PNG_SIGNATURE },
    { name: 'a RIFF file that is not WebP', bytes: text('RIFF\x04\0\0\0WAVE') },
    { name: 'a WebP header without a picture', bytes: text('RIFF\x04\0\0\0WEBP') },
  ];
}

/** Sizes that are refused before a pixel is decoded. `jpeg` is any valid JPEG. */
export function falseSizes(jpeg: Buffer): HostileImage[] {
  const some = deflateSync(Buffer.alloc(1 << 20));
  const sized = ([width, height]: readonly [number, number]): HostileImage => ({
    name: `a PNG header of ${width} x ${height}`,
    bytes: png(pngHeader(width, height), some),
  });
  const large = 2 ** 31 - 1;
  const sizes = [[50_000, 50_000], [16_383, 16_383], [0, 9], [9, 0], [large, large], [large, 1]] as const;
  return [
    ...sizes.map(sized),
    { name: 'a JPEG header of 50,000 x 50,000', bytes: jpegOfSize(jpeg, 50_000, 50_000) },
    { name: 'a JPEG header of zero height', bytes: jpegOfSize(jpeg, 100, 0) },
    { name: 'a WebP canvas of 16,383 x 16,383', bytes: webpOfCanvas(16_383, 16_383) },
    { name: 'a WebP canvas of 2^24 x 2^24', bytes: webpOfCanvas(2 ** 24, 2 ** 24) },
  ];
}

/** Damage that a decoder meets only while it decodes. */
export async function damaged(jpeg: Buffer): Promise<HostileImage[]> {
  const raw = { raw: { width: 64, height: 64, channels: 3 } } as const;
  const noise = Buffer.from(Uint8Array.from({ length: 64 * 64 * 3 }, (_, i) => (i * 2654435761) >>> 24));
  const webp = await sharp(noise, raw).webp({ lossless: true }).toBuffer();
  const rows = deflateSync(Buffer.alloc(64 * 193));
  const cut = (name: string, bytes: Buffer, percent: number): HostileImage => ({
    name: `a ${name} cut at ${percent} %`,
    bytes: bytes.subarray(0, Math.floor((bytes.length * percent) / 100)),
  });
  return [
    ...[10, 50, 90, 99].map((percent) => cut('JPEG', jpeg, percent)),
    ...[10, 50, 90].map((percent) => cut('WebP', webp, percent)),
    { name: 'a PNG with a bad CRC of the header', bytes: png(pngHeader(64, 64), rows, { header: 1 }) },
    { name: 'a PNG with a bad CRC of the data', bytes: png(pngHeader(64, 64), rows, { data: 1 }) },
    { name: 'a PNG with too little data', bytes: png(pngHeader(64, 64), deflateSync(Buffer.alloc(999))) },
    { name: 'a PNG whose data is not deflated', bytes: png(pngHeader(64, 64), Buffer.alloc(500, 0x5a)) },
    { name: 'a PNG with an impossible depth', bytes: png(pngHeader(64, 64, 7), rows) },
    { name: 'a PNG palette image without a palette', bytes: png(pngHeader(64, 64, 8, 3), rows) },
  ];
}

/** `jpeg` with `profile` as its ICC profile, in as many segments as it takes. */
export function withIccProfile(jpeg: Buffer, profile: Buffer): Buffer {
  const size = 65_000;
  const count = Math.ceil(profile.length / size);
  const segments = Array.from({ length: count }, (_, i) => {
    const part = profile.subarray(i * size, (i + 1) * size);
    const head = Buffer.from(`\xff\xe2\0\0ICC_PROFILE\0${String.fromCharCode(i + 1, count)}`, 'latin1');
    head.writeUInt16BE(head.length - 2 + part.length, 2);
    return Buffer.concat([head, part]);
  });
  return Buffer.concat([jpeg.subarray(0, 2), ...segments, jpeg.subarray(2)]);
}
