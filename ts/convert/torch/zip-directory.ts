/**
 * The table of contents of a zip file, refused where it is not as torch.save writes it: members that are stored as
 * they are, each with bytes of its own. Format: PKWARE APPNOTE.TXT 6.3.10, sections 4.3.7, 4.3.12, 4.3.14-16, 4.5.3.
 */
import { type InputFile, shown } from '../input-file.js';

const END = { signature: 0x06054b50, size: 22, maxComment: 0xffff } as const;
const ZIP64_LOCATOR = { signature: 0x07064b50, size: 20 } as const;
const ZIP64_END = { signature: 0x06064b50, size: 56 } as const;
const CENTRAL = { signature: 0x02014b50, size: 46 } as const;
const LOCAL = { signature: 0x04034b50, size: 30 } as const;
const ENCRYPTED = 1;
const STORED = 0;
const ALL_ONES = 0xffffffff;

const MAX_TABLE_BYTES = 1 << 23;

export interface ZipMember {
  readonly name: string;
  readonly crc: number;
  readonly size: number;
  /** Of the local header. */
  readonly offset: number;
}

interface Table {
  count: number;
  size: number;
  offset: number;
  /** Where the table has to end. */
  end: number;
}

const damaged = (file: InputFile): Error => file.refuse('its table of contents is damaged');

function asNumber(file: InputFile, value: bigint): number {
  if (value > BigInt(file.size)) throw damaged(file);
  return Number(value);
}

/** A comment has to fill the file exactly: what else could stand there would be read differently by others. */
function findEnd(file: InputFile): { at: number; record: Buffer } {
  const length = Math.min(file.size, END.size + END.maxComment);
  const tail = file.readSync(file.size - length, length);
  for (let at = length - END.size; at >= 0; at--) {
    if (tail.readUInt32LE(at) === END.signature && at + END.size + tail.readUInt16LE(at + 20) === length) {
      return { at: file.size - length + at, record: tail.subarray(at, at + END.size) };
    }
  }
  throw file.refuse('it has no table of contents; it is cut off or no zip file');
}

/** Present or not: torch.save always writes one. */
function findZip64End(file: InputFile, endAt: number): Table | undefined {
  if (endAt < ZIP64_LOCATOR.size) return undefined;
  const locator = file.readSync(endAt - ZIP64_LOCATOR.size, ZIP64_LOCATOR.size);
  if (locator.readUInt32LE(0) !== ZIP64_LOCATOR.signature) return undefined;
  const at = asNumber(file, locator.readBigUInt64LE(8));
  if (at + ZIP64_END.size + ZIP64_LOCATOR.size !== endAt) throw damaged(file);
  const record = file.readSync(at, ZIP64_END.size);
  if (record.readUInt32LE(0) !== ZIP64_END.signature || record.readBigUInt64LE(16) !== 0n) throw damaged(file);
  const [count, size, offset] = [32, 40, 48].map((field) => asNumber(file, record.readBigUInt64LE(field)));
  return { count: count!, size: size!, offset: offset!, end: at };
}

/** What the two end records say must be the same wherever the older one has room for it. */
function findTable(file: InputFile): Table {
  const { at, record } = findEnd(file);
  if (record.readUInt32LE(4) !== 0) throw file.refuse('it is one part of several');
  const [count, size, offset] = [record.readUInt16LE(10), record.readUInt32LE(12), record.readUInt32LE(16)];
  const table = findZip64End(file, at) ?? { count, size, offset, end: at };
  const agrees = (older: number, newer: number, full: number): boolean => older === newer || older === full;
  if (agrees(count, table.count, 0xffff) && agrees(size, table.size, ALL_ONES) && agrees(offset, table.offset, ALL_ONES)) return table;
  throw damaged(file);
}

type Sizes = Record<'size' | 'packed' | 'offset', number>;

/** Replaces fields that are all ones by those of the zip64 extra field. */
function applyZip64(file: InputFile, sizes: Sizes, extra: Buffer): void {
  const wanted = (['size', 'packed', 'offset'] as const).filter((key) => sizes[key] === ALL_ONES);
  if (wanted.length === 0) return;
  for (let at = 0; at + 4 <= extra.length; at += 4 + extra.readUInt16LE(at + 2)) {
    if (extra.readUInt16LE(at) !== 1) continue;
    if (extra.readUInt16LE(at + 2) < 8 * wanted.length || at + 4 + 8 * wanted.length > extra.length) break;
    wanted.forEach((key, i) => (sizes[key] = asNumber(file, extra.readBigUInt64LE(at + 4 + 8 * i))));
    return;
  }
  throw damaged(file);
}

function checkName(file: InputFile, name: string): void {
  const parts = name.split('/');
  const plain = !/[\\\0]|^[A-Za-z]:/.test(name) && parts.every((part) => part !== '' && part !== '.' && part !== '..');
  if (!plain) throw file.refuse('it has a member whose name is not a plain relative path');
}

function parseMember(file: InputFile, table: Buffer, at: number): { member: ZipMember; next: number } {
  if (at + CENTRAL.size > table.length || table.readUInt32LE(at) !== CENTRAL.signature) throw damaged(file);
  const [nameLength, extraLength, commentLength] = [28, 30, 32].map((field) => table.readUInt16LE(at + field)) as [number, number, number];
  const extraAt = at + CENTRAL.size + nameLength;
  const next = extraAt + extraLength + commentLength;
  if (next > table.length) throw damaged(file);
  const name = table.toString('utf8', at + CENTRAL.size, extraAt);
  checkName(file, name);
  const sizes: Sizes = { packed: table.readUInt32LE(at + 20), size: table.readUInt32LE(at + 24), offset: table.readUInt32LE(at + 42) };
  applyZip64(file, sizes, table.subarray(extraAt, extraAt + extraLength));
  if (table.readUInt16LE(at + 8) & ENCRYPTED) throw file.refuse(`its member ${shown(name)} is encrypted`);
  if (table.readUInt16LE(at + 10) !== STORED || sizes.size !== sizes.packed) {
    throw file.refuse(`its member ${shown(name)} is compressed, which torch.save does not do`);
  }
  return { member: { name, crc: table.readUInt32LE(at + 16), size: sizes.size, offset: sizes.offset }, next };
}

/** Members that share bytes, or a name, are read differently by different programs. */
function checkMembers(file: InputFile, members: readonly ZipMember[], tableOffset: number): void {
  if (new Set(members.map(({ name }) => name)).size < members.length) throw file.refuse('it has two members of one name');
  const ordered = [...members].sort((a, b) => a.offset - b.offset);
  ordered.forEach(({ name, size, offset }, i) => {
    const limit = ordered[i + 1]?.offset ?? tableOffset;
    if (offset + LOCAL.size + Buffer.byteLength(name) + size > limit) throw file.refuse('its members overlap');
  });
}

/** All members by name. Throws DeepcodeError ERR_WEIGHTS_FORMAT for the first thing that is wrong. */
export function readZipDirectory(file: InputFile): Map<string, ZipMember> {
  const { count, size, offset, end } = findTable(file);
  if (size > MAX_TABLE_BYTES || offset + size !== end) throw damaged(file);
  const table = file.readSync(offset, size);
  const members: ZipMember[] = [];
  let at = 0;
  for (let i = 0; i < count; i++) {
    const { member, next } = parseMember(file, table, at);
    members.push(member);
    at = next;
  }
  if (at !== table.length) throw damaged(file);
  checkMembers(file, members, offset);
  return new Map(members.map((member) => [member.name, member]));
}

/** Where the bytes of `member` begin. Its local header must agree with the table of contents. */
export function dataOffset(file: InputFile, member: ZipMember): number {
  const header = file.readSync(member.offset, LOCAL.size);
  const name = Buffer.from(member.name);
  const start = member.offset + LOCAL.size + header.readUInt16LE(26) + header.readUInt16LE(28);
  const agrees =
    header.readUInt32LE(0) === LOCAL.signature &&
    header.readUInt16LE(8) === STORED &&
    header.readUInt16LE(26) === name.length &&
    file.readSync(member.offset + LOCAL.size, name.length).equals(name);
  if (!agrees || start + member.size > file.size) throw file.refuse(`its member ${shown(member.name)} and its table of contents differ`);
  return start;
}
