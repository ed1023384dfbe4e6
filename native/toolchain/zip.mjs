// Reads the table of contents of a zip file and refuses what a hostile one may hold. Nothing is
// extracted here. Format: PKWARE APPNOTE.TXT 6.3.10, sections 4.3.7 (local header), 4.3.12 (table) and 4.5.3 (zip64).

import { fstatSync } from 'node:fs';
import { findDirectory, readExactly, refuse, safeNumber } from './zip-end.mjs';

const CENTRAL_SIGNATURE = 0x02014b50;
const CENTRAL_SIZE = 46;
const LOCAL_SIGNATURE = 0x04034b50;
const LOCAL_SIZE = 30;
const ENCRYPTED = 1;
const UTF8 = 0x800;
const UNIX = 3;
const FILE_TYPE = 0o170000;

/** What an archive may be at most. The ratio is that of one member; deflate itself ends at 1032. */
export const DEFAULT_LIMITS = {
  entries: 50_000,
  memberBytes: 1 << 30,
  totalBytes: 3 * (1 << 30),
  ratio: 200,
  // Ratios are only looked at above this size: a small file of one repeated byte is no bomb.
  ratioFromBytes: 1 << 20,
  tableBytes: 64 << 20,
};

// Replaces the 32-bit fields that are all ones by those of the zip64 extra field (4.5.3).
function applyZip64(entry, extra) {
  const wanted = ['size', 'compressedSize', 'offset'].filter((key) => entry[key] === 0xffffffff);
  if (wanted.length === 0) return;
  for (let at = 0; at + 4 <= extra.length; at += 4 + extra.readUInt16LE(at + 2)) {
    if (extra.readUInt16LE(at) !== 1) continue;
    if (extra.readUInt16LE(at + 2) < 8 * wanted.length || at + 4 + 8 * wanted.length > extra.length) break;
    wanted.forEach((key, i) => {
      entry[key] = safeNumber(extra.readBigUInt64LE(at + 4 + 8 * i));
    });
    return;
  }
  throw refuse('a zip64 field in it is damaged');
}

function decodeName(bytes, flags) {
  const name = bytes.toString('utf8');
  const ascii = bytes.every((byte) => byte < 0x80);
  if (!ascii && ((flags & UTF8) === 0 || !Buffer.from(name, 'utf8').equals(bytes))) {
    throw refuse('a name in it is not UTF-8');
  }
  return name;
}

function parseEntry(table, at) {
  if (at + CENTRAL_SIZE > table.length || table.readUInt32LE(at) !== CENTRAL_SIGNATURE) {
    throw refuse('its table of contents is damaged');
  }
  const [nameLength, extraLength, commentLength] = [28, 30, 32].map((field) =>
    table.readUInt16LE(at + field),
  );
  const next = at + CENTRAL_SIZE + nameLength + extraLength + commentLength;
  if (next > table.length) throw refuse('its table of contents is damaged');
  const nameBytes = table.subarray(at + CENTRAL_SIZE, at + CENTRAL_SIZE + nameLength);
  const flags = table.readUInt16LE(at + 8);
  const entry = {
    name: decodeName(nameBytes, flags),
    nameBytes,
    flags,
    method: table.readUInt16LE(at + 10),
    crc: table.readUInt32LE(at + 16),
    compressedSize: table.readUInt32LE(at + 20),
    size: table.readUInt32LE(at + 24),
    offset: table.readUInt32LE(at + 42),
    mode: table.readUInt8(at + 5) === UNIX ? table.readUInt32LE(at + 38) >>> 16 : 0,
  };
  const extraAt = at + CENTRAL_SIZE + nameLength;
  applyZip64(entry, table.subarray(extraAt, extraAt + extraLength));
  return { entry, next };
}

function checkName(name) {
  const shown = JSON.stringify(name.slice(0, 80));
  if (name === '' || name.includes('\0')) throw refuse('it has a member without a proper name');
  if (name.includes('\\') || /^[A-Za-z]:/.test(name)) throw refuse(`${shown} is a Windows path`);
  if (name.startsWith('/')) throw refuse(`${shown} is an absolute path`);
  const parts = name.replace(/\/$/, '').split('/');
  if (parts.some((part) => part === '..' || part === '.' || part === '')) {
    throw refuse(`${shown} is not a plain relative path`);
  }
}

function checkEntry(entry, limits) {
  checkName(entry.name);
  const shown = JSON.stringify(entry.name.slice(0, 80));
  const type = entry.mode & FILE_TYPE;
  const expected = entry.name.endsWith('/') ? 0o040000 : 0o100000;
  if (type !== 0 && type !== expected) throw refuse(`${shown} is a link or a special file`);
  if (entry.flags & ENCRYPTED) throw refuse(`${shown} is encrypted`);
  if (entry.method !== 0 && entry.method !== 8) throw refuse(`${shown} has an unknown compression`);
  if (entry.method === 0 && entry.size !== entry.compressedSize)
    throw refuse(`the size of ${shown} is wrong`);
  if (entry.size > limits.memberBytes) throw refuse(`${shown} is too large`);
  if (entry.size > limits.ratioFromBytes && entry.size > limits.ratio * entry.compressedSize) {
    throw refuse(`${shown} expands more than ${limits.ratio} times`);
  }
}

// One name twice, or a file that another member needs as a folder.
function checkNamesDiffer(entries) {
  const seen = new Set();
  const folders = new Set();
  for (const { name } of entries) {
    const bare = name.replace(/\/$/, '');
    if (seen.has(bare)) throw refuse(`${JSON.stringify(bare.slice(0, 80))} is in it twice`);
    seen.add(bare);
    for (let at = bare.indexOf('/'); at >= 0; at = bare.indexOf('/', at + 1)) folders.add(bare.slice(0, at));
  }
  const clash = entries.find(({ name }) => folders.has(name));
  if (clash) throw refuse(`${JSON.stringify(clash.name.slice(0, 80))} is both a file and a folder`);
}

// Members that share bytes are how a few kilobytes become petabytes. `limit` is where the next begins.
function checkLayout(entries, tableOffset) {
  const ordered = [...entries].sort((a, b) => a.offset - b.offset);
  ordered.forEach((entry, i) => {
    entry.limit = ordered[i + 1]?.offset ?? tableOffset;
    if (entry.offset + LOCAL_SIZE + entry.nameBytes.length + entry.compressedSize > entry.limit) {
      throw refuse('members in it overlap');
    }
  });
}

/** The checked members of the zip open as `fd`. Throws ERR_ARCHIVE for the first thing that is wrong. */
export function readZipEntries(fd, limits = DEFAULT_LIMITS) {
  const { size: fileSize } = fstatSync(fd);
  const { disks, count, size, offset, end } = findDirectory(fd, fileSize);
  if (disks !== 0) throw refuse('it is one part of several');
  if (count > limits.entries) throw refuse(`it has more than ${limits.entries} members`);
  if (size > limits.tableBytes || offset + size !== end) throw refuse('its table of contents is damaged');
  const table = readExactly(fd, offset, size);
  const entries = [];
  let at = 0;
  for (let i = 0; i < count; i += 1) {
    const { entry, next } = parseEntry(table, at);
    checkEntry(entry, limits);
    entries.push(entry);
    at = next;
  }
  if (at !== table.length) throw refuse('its table of contents is damaged');
  checkNamesDiffer(entries);
  checkLayout(entries, offset);
  if (entries.reduce((sum, entry) => sum + entry.size, 0) > limits.totalBytes) {
    throw refuse('its contents are too large');
  }
  return entries;
}

/** Where the data of `entry` begins. Its local header must agree with the table of contents. */
export function dataOffset(fd, entry) {
  const header = readExactly(fd, entry.offset, LOCAL_SIZE);
  const nameLength = header.readUInt16LE(26);
  const start = entry.offset + LOCAL_SIZE + nameLength + header.readUInt16LE(28);
  const agrees =
    header.readUInt32LE(0) === LOCAL_SIGNATURE &&
    header.readUInt16LE(8) === entry.method &&
    nameLength === entry.nameBytes.length &&
    start + entry.compressedSize <= entry.limit &&
    readExactly(fd, entry.offset + LOCAL_SIZE, nameLength).equals(entry.nameBytes);
  if (!agrees) throw refuse('a member and its entry in the table of contents differ');
  return start;
}
