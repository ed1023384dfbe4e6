// Takes the wanted members out of a wheel or another zip archive, checking every byte.

import { createHash } from 'node:crypto';
import { closeSync, createReadStream, createWriteStream, mkdirSync, openSync, writeSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import zlib from 'node:zlib';
import { crc32 } from './crc32.mjs';
import { DEFAULT_LIMITS, dataOffset, readZipEntries } from './zip.mjs';
import { readExactly, refuse } from './zip-end.mjs';

const IN_MEMORY = 4 << 20;

function wantedPath(name, prefix, { folders, files }) {
  if (!name.startsWith(prefix) || name.endsWith('/')) return undefined;
  const path = name.slice(prefix.length);
  const wanted = files.includes(path) || folders.some((folder) => path.startsWith(folder));
  return wanted ? path : undefined;
}

function checkSum(entry, crc, size) {
  if (size !== entry.size || crc !== entry.crc) {
    throw refuse(`${JSON.stringify(entry.name.slice(0, 80))} is damaged`);
  }
}

function inflate(entry, data) {
  if (entry.method === 0) return data;
  try {
    return zlib.inflateRawSync(data, { maxOutputLength: Math.max(1, entry.size) });
  } catch (cause) {
    throw refuse(`${JSON.stringify(entry.name.slice(0, 80))} is damaged (${cause.code})`);
  }
}

/** A whole small member. */
function readMember(fd, entry) {
  const data = inflate(entry, readExactly(fd, dataOffset(fd, entry), entry.compressedSize));
  checkSum(entry, crc32(data, 0), data.length);
  return data;
}

function writeWhole(target, data, mode) {
  // 'wx': the folder is new, so a file that is already there is somebody else's doing.
  const fd = openSync(target, 'wx', mode);
  try {
    for (let at = 0; at < data.length;) at += writeSync(fd, data, at);
  } finally {
    closeSync(fd);
  }
}

async function streamMember(fd, entry, target, mode, onBytes) {
  const start = dataOffset(fd, entry);
  const hash = createHash('sha256');
  let size = 0;
  let crc = 0;
  const meter = new Transform({
    transform(chunk, _encoding, done) {
      size += chunk.length;
      if (size > entry.size)
        return done(refuse(`${JSON.stringify(entry.name.slice(0, 80))} is larger than it says`));
      crc = crc32(chunk, crc);
      hash.update(chunk);
      onBytes(chunk.length);
      return done(null, chunk);
    },
  });
  const source = createReadStream('', {
    fd,
    autoClose: false,
    start,
    end: start + entry.compressedSize - 1,
    highWaterMark: 1 << 20,
  });
  const stages =
    entry.method === 0 ? [source, meter] : [source, zlib.createInflateRaw({ chunkSize: 1 << 20 }), meter];
  try {
    await pipeline(...stages, createWriteStream(target, { flags: 'wx', mode, flush: true }));
  } catch (error) {
    throw error.code?.startsWith('Z_')
      ? refuse(`${JSON.stringify(entry.name.slice(0, 80))} is damaged`)
      : error;
  }
  checkSum(entry, crc, size);
  return hash.digest('base64url');
}

// A wheel lists every member with its SHA-256: "path,sha256=<urlsafe base64>,size" (PEP 376, PEP 427).
function readWheelRecord(fd, entries) {
  const entry = entries.find(({ name }) => /^[^/]+\.dist-info\/RECORD$/.test(name));
  if (!entry) return undefined;
  const record = new Map();
  for (const line of readMember(fd, entry).toString('utf8').split(/\r?\n/)) {
    const found = /^"?(.+?)"?,sha256=([\w-]+),\d*$/.exec(line);
    if (found) record.set(found[1], found[2]);
  }
  return record;
}

async function extractMember(fd, entry, target, onBytes) {
  mkdirSync(dirname(target), { recursive: true });
  const mode = entry.mode & 0o111 ? 0o755 : 0o644;
  if (entry.size > IN_MEMORY) return streamMember(fd, entry, target, mode, onBytes);
  const data = readMember(fd, entry);
  writeWhole(target, data, mode);
  onBytes(data.length);
  return createHash('sha256').update(data).digest('base64url');
}

/**
 * Extracts from the zip open as `fd` into the new folder `destination` what lies under `prefix` and is
 * one of `members`: {folders, files}, the former ending in "/". Returns a map from path to [size, SHA-256 in URL-safe base64]. Throws ERR_ARCHIVE when anything in the archive is hostile
 * or damaged, also outside the folders that are taken.
 */
export async function extractMembers(
  fd,
  destination,
  { prefix, members, isWheel, limits = DEFAULT_LIMITS, onProgress = () => {} },
) {
  const entries = readZipEntries(fd, limits);
  const record = isWheel ? readWheelRecord(fd, entries) : undefined;
  if (isWheel && !record) throw refuse('it has no RECORD of its files');
  const wanted = entries
    .map((entry) => ({ entry, path: wantedPath(entry.name, prefix, members) }))
    .filter(({ path }) => path);
  const total = wanted.reduce((sum, { entry }) => sum + entry.size, 0);
  const files = {};
  let done = 0;
  for (const { entry, path } of wanted) {
    const digest = await extractMember(fd, entry, join(destination, path), (bytes) =>
      onProgress((done += bytes), total),
    );
    if (record && record.get(entry.name) !== digest) {
      throw refuse(`${JSON.stringify(entry.name.slice(0, 80))} is not what the RECORD of the wheel says`);
    }
    files[path] = [entry.size, digest];
  }
  return files;
}
