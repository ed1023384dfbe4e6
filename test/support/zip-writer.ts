/** Writes zip files, also ones that no honest program writes: every field can be overridden. */
import { createHash } from 'node:crypto';
import { crc32, deflateRawSync } from 'node:zlib';

export interface ZipMember {
  name: string;
  data?: Buffer | string;
  /** Unix mode with file type; default a regular file, or a folder where the name ends in "/". */
  mode?: number;
  store?: boolean;
  flags?: number;
  method?: number;
  /** What the table of contents claims instead of the truth. */
  claim?: { size?: number; compressedSize?: number; crc?: number; offset?: number };
  /** The name in the local header, where it differs. */
  localName?: string;
}

export interface ZipOptions {
  comment?: Buffer;
  /** Replaces the number of members in the end record. */
  count?: number;
  /** Bytes between the members and the table of contents. */
  gap?: Buffer;
  /** Writes sizes and offsets in zip64 fields. */
  zip64?: boolean;
}

function localHeader(
  member: ZipMember,
  name: Buffer,
  method: number,
  crc: number,
  packed: number,
  size: number,
): Buffer {
  const header = Buffer.alloc(30);
  header.writeUInt32LE(0x04034b50, 0);
  header.writeUInt16LE(20, 4);
  header.writeUInt16LE(member.flags ?? 0x800, 6);
  header.writeUInt16LE(method, 8);
  header.writeUInt32LE(crc, 14);
  header.writeUInt32LE(packed, 18);
  header.writeUInt32LE(size, 22);
  header.writeUInt16LE(name.length, 26);
  return Buffer.concat([header, name]);
}

function zip64Extra(size: number, packed: number, offset: number): Buffer {
  const extra = Buffer.alloc(28);
  extra.writeUInt16LE(1, 0);
  extra.writeUInt16LE(24, 2);
  [size, packed, offset].forEach((value, i) => extra.writeBigUInt64LE(BigInt(value), 4 + 8 * i));
  return extra;
}

function centralHeader(
  member: ZipMember,
  method: number,
  crc: number,
  packed: number,
  size: number,
  offset: number,
  zip64: boolean,
): Buffer {
  const name = Buffer.from(member.name, 'utf8');
  const header = Buffer.alloc(46);
  const claim = { crc, size, compressedSize: packed, offset, ...member.claim };
  const extra = zip64 ? zip64Extra(claim.size, claim.compressedSize, claim.offset) : Buffer.alloc(0);
  header.writeUInt32LE(0x02014b50, 0);
  header.writeUInt16LE((3 << 8) | 30, 4);
  header.writeUInt16LE(member.flags ?? 0x800, 8);
  header.writeUInt16LE(method, 10);
  header.writeUInt32LE(claim.crc, 16);
  header.writeUInt32LE(zip64 ? 0xffffffff : claim.compressedSize, 20);
  header.writeUInt32LE(zip64 ? 0xffffffff : claim.size, 24);
  header.writeUInt16LE(name.length, 28);
  header.writeUInt16LE(extra.length, 30);
  header.writeUInt32LE(((member.mode ?? (member.name.endsWith('/') ? 0o040755 : 0o100644)) << 16) >>> 0, 38);
  header.writeUInt32LE(zip64 ? 0xffffffff : claim.offset, 42);
  return Buffer.concat([header, name, extra]);
}

function zip64End(count: number, size: number, offset: number): Buffer {
  const end = Buffer.alloc(56);
  end.writeUInt32LE(0x06064b50, 0);
  end.writeBigUInt64LE(44n, 4);
  end.writeBigUInt64LE(BigInt(count), 24);
  end.writeBigUInt64LE(BigInt(count), 32);
  end.writeBigUInt64LE(BigInt(size), 40);
  end.writeBigUInt64LE(BigInt(offset), 48);
  const locator = Buffer.alloc(20);
  locator.writeUInt32LE(0x07064b50, 0);
  locator.writeBigUInt64LE(BigInt(offset + size), 8);
  locator.writeUInt32LE(1, 16);
  return Buffer.concat([end, locator]);
}

function endRecord(count: number, size: number, offset: number, comment: Buffer): Buffer {
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(count, 8);
  end.writeUInt16LE(count, 10);
  end.writeUInt32LE(size, 12);
  end.writeUInt32LE(offset, 16);
  end.writeUInt16LE(comment.length, 20);
  return Buffer.concat([end, comment]);
}

/** The bytes of a zip file with `members` in this order. */
export function writeZip(members: readonly ZipMember[], options: ZipOptions = {}): Buffer {
  const { comment = Buffer.alloc(0), gap = Buffer.alloc(0), zip64 = false } = options;
  const locals: Buffer[] = [];
  const centrals: Buffer[] = [];
  let offset = 0;
  for (const member of members) {
    const data = Buffer.from(member.data ?? '');
    const method = member.method ?? (member.store ? 0 : 8);
    const packed = method === 8 ? deflateRawSync(data) : data;
    const crc = crc32(data);
    const local = localHeader(
      member,
      Buffer.from(member.localName ?? member.name),
      method,
      crc,
      packed.length,
      data.length,
    );
    centrals.push(centralHeader(member, method, crc, packed.length, data.length, offset, zip64));
    locals.push(local, packed);
    offset += local.length + packed.length;
  }
  const table = Buffer.concat(centrals);
  const at = offset + gap.length;
  const count = options.count ?? members.length;
  const end = zip64
    ? [zip64End(count, table.length, at), endRecord(0xffff, 0xffffffff, 0xffffffff, comment)]
    : [endRecord(count, table.length, at, comment)];
  return Buffer.concat([...locals, gap, table, ...end]);
}

/** The RECORD line of a wheel for one file. */
export function recordLine(name: string, data: Buffer | string): string {
  const digest = createHash('sha256').update(data).digest('base64url');
  return `${name},sha256=${digest},${Buffer.byteLength(data)}`;
}

const MACROS =
  '#define TORCH_VERSION_MAJOR 2\n#define TORCH_VERSION_MINOR 13\n#define TORCH_VERSION_PATCH 0\n';

/** The members of a small wheel that is laid out like torch's, and with `extra` ones. */
export function fakeTorchMembers(extra: readonly ZipMember[] = [], libraryBytes = 1000): ZipMember[] {
  const library = Buffer.alloc(libraryBytes, 'libtorch ');
  const members: ZipMember[] = [
    { name: 'torch/__init__.py', data: 'raise SystemExit("not extracted")' },
    { name: 'torch/version.py', data: "__version__ = '2.13.0+cpu'\n" },
    { name: 'torch/lib/libc10.so', data: library, mode: 0o100755 },
    { name: 'torch/lib/libtorch_cpu.so', data: library, mode: 0o100755, store: true },
    { name: 'torch/include/torch/csrc/api/include/torch/version.h', data: MACROS },
    { name: 'torch/share/cmake/Torch/TorchConfig.cmake', data: '# empty' },
    { name: 'torch/bin/tool', data: 'not extracted' },
    ...extra,
  ];
  const record = members.map(({ name, data = '' }) => recordLine(name, data)).join('\n');
  return [
    ...members,
    { name: 'torch-2.13.0+cpu.dist-info/RECORD', data: `${record}\ntorch-2.13.0+cpu.dist-info/RECORD,,\n` },
  ];
}
