// The end of a zip file: where its table of contents is. PKWARE APPNOTE.TXT 6.3.10, 4.3.14 to 4.3.16.

import { readSync } from 'node:fs';
import { ToolchainError } from './report.mjs';

const END_SIGNATURE = 0x06054b50;
const END_SIZE = 22;
const ZIP64_LOCATOR_SIGNATURE = 0x07064b50;
const ZIP64_LOCATOR_SIZE = 20;
const ZIP64_END_SIGNATURE = 0x06064b50;
const ZIP64_END_SIZE = 56;
const MAX_COMMENT = 0xffff;

export function refuse(reason) {
  return new ToolchainError('ERR_ARCHIVE', `The archive is refused: ${reason}.`, [
    'Download it again: remove the "downloads" folder of the cache and repeat the command.',
  ]);
}

export function readExactly(fd, position, length) {
  const buffer = Buffer.alloc(length);
  let done = 0;
  while (done < length) {
    const got = readSync(fd, buffer, done, length - done, position + done);
    if (got === 0) throw refuse('it is truncated');
    done += got;
  }
  return buffer;
}

export function safeNumber(big) {
  if (big > BigInt(Number.MAX_SAFE_INTEGER)) throw refuse('a size or offset in it is absurd');
  return Number(big);
}

// The end record may be followed by a comment only, and that has to fill the file exactly: whatever
// else could stand there would be read differently by different programs.
function findEnd(fd, fileSize) {
  const length = Math.min(fileSize, END_SIZE + MAX_COMMENT);
  if (length < END_SIZE) throw refuse('it is too short for a zip file');
  const tail = readExactly(fd, fileSize - length, length);
  for (let at = length - END_SIZE; at >= 0; at -= 1) {
    if (tail.readUInt32LE(at) !== END_SIGNATURE) continue;
    if (at + END_SIZE + tail.readUInt16LE(at + 20) === length) {
      return { at: fileSize - length + at, record: tail.subarray(at, at + END_SIZE) };
    }
  }
  throw refuse('it has no table of contents (it is truncated or not a zip file)');
}

function readZip64End(fd, endAt) {
  const locatorAt = endAt - ZIP64_LOCATOR_SIZE;
  if (locatorAt < 0) throw refuse('its zip64 record is missing');
  const locator = readExactly(fd, locatorAt, ZIP64_LOCATOR_SIZE);
  if (locator.readUInt32LE(0) !== ZIP64_LOCATOR_SIGNATURE) throw refuse('its zip64 record is missing');
  const at = safeNumber(locator.readBigUInt64LE(8));
  if (at + ZIP64_END_SIZE > locatorAt) throw refuse('its zip64 record lies outside it');
  const record = readExactly(fd, at, ZIP64_END_SIZE);
  if (record.readUInt32LE(0) !== ZIP64_END_SIGNATURE) throw refuse('its zip64 record is damaged');
  return {
    disks: record.readUInt32LE(16) + record.readUInt32LE(20),
    count: safeNumber(record.readBigUInt64LE(32)),
    size: safeNumber(record.readBigUInt64LE(40)),
    offset: safeNumber(record.readBigUInt64LE(48)),
    end: at,
  };
}

/** {disks, count, size, offset, end} of the table of contents. */
export function findDirectory(fd, fileSize) {
  const { at, record } = findEnd(fd, fileSize);
  const count = record.readUInt16LE(10);
  const size = record.readUInt32LE(12);
  const offset = record.readUInt32LE(16);
  if (count === 0xffff || size === 0xffffffff || offset === 0xffffffff) return readZip64End(fd, at);
  return { disks: record.readUInt16LE(4) + record.readUInt16LE(6), count, size, offset, end: at };
}
