// Downloads one pinned file over HTTPS into a .part file, continuing where an earlier run stopped.

import { createWriteStream, renameSync, rmSync, statSync } from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { verifyDownload } from './files.mjs';
import { ToolchainError } from './report.mjs';

const ATTEMPTS = 4;
const MAX_REDIRECTS = 5;
const IDLE_MS = 30_000;
const isLoopback = (url) => ['127.0.0.1', '[::1]', 'localhost'].includes(url.hostname);

function networkError(reason) {
  return new ToolchainError('ERR_NETWORK', `The download failed: ${reason}.`);
}

// Plain HTTP only on this machine: the hash would catch a changed file, but not who asked for it.
function checkScheme(url) {
  if (url.protocol === 'https:' || (url.protocol === 'http:' && isLoopback(url))) return;
  throw networkError(`${url.protocol}//${url.host} is not HTTPS`);
}

function request(url, from) {
  checkScheme(url);
  const { get } = url.protocol === 'https:' ? https : http;
  return new Promise((resolve, reject) => {
    const headers = from > 0 ? { range: `bytes=${from}-` } : {};
    const sent = get(url, { headers, timeout: IDLE_MS }, resolve);
    sent.on('timeout', () => sent.destroy(networkError(`${url.host} does not answer`)));
    sent.on('error', reject);
  });
}

async function open(url, from, redirects = 0) {
  const response = await request(url, from);
  const { statusCode, headers } = response;
  if (![301, 302, 303, 307, 308].includes(statusCode) || !headers.location) return response;
  response.resume();
  if (redirects === MAX_REDIRECTS) throw networkError('too many redirects');
  return open(new URL(headers.location, url), from, redirects + 1);
}

// Ends a body that grows past the pinned size: it cannot be the right file any more.
function limiter(from, pin, onProgress) {
  let done = from;
  return new Transform({
    transform(chunk, _encoding, next) {
      done += chunk.length;
      if (done > pin.size) return next(networkError('the file is larger than the pinned one'));
      onProgress(done, pin.size);
      return next(null, chunk);
    },
  });
}

const sizeOf = (file) => statSync(file, { throwIfNoEntry: false })?.size ?? 0;

async function downloadOnce(url, part, pin, onProgress) {
  if (sizeOf(part) > pin.size) rmSync(part);
  const have = sizeOf(part);
  if (have === pin.size) return;
  const response = await open(new URL(url), have);
  if (response.statusCode !== 200 && response.statusCode !== 206) {
    response.resume();
    throw networkError(`the server answered ${response.statusCode}`);
  }
  // A server that ignores the range sends everything again.
  const from = response.statusCode === 206 ? have : 0;
  const target = createWriteStream(part, { flags: from > 0 ? 'a' : 'w', flush: true });
  await pipeline(response, limiter(from, pin, onProgress), target);
  if (sizeOf(part) < pin.size) throw networkError('the connection was cut');
}

const DISK_ERRORS = [
  'ENOSPC',
  'EDQUOT',
  'EFBIG',
  'EROFS',
  'EACCES',
  'EPERM',
  'ENOENT',
  'ENOTDIR',
  'EISDIR',
  'EIO',
  'EMFILE',
];
const isDiskError = (error) => DISK_ERRORS.includes(error.code) && error.syscall !== 'connect';

// A closed port or an unknown name will not be better a moment later.
const isFinal = (error) =>
  isDiskError(error) || error.syscall === 'connect' || error.syscall === 'getaddrinfo';

function explain(error, url) {
  if (error instanceof ToolchainError || isDiskError(error)) return error;
  const reason = `no connection to ${new URL(url).host} (${error.code ?? error.message})`;
  return networkError(isFinal(error) ? reason : `the connection was cut (${error.code ?? error.message})`);
}

/** Downloads `pin.url` to `target`, checked against the pin. Throws ERR_NETWORK or ERR_CHECKSUM. */
export async function download(pin, target, { onProgress = () => {}, attempts = ATTEMPTS } = {}) {
  const part = `${target}.part`;
  for (let attempt = 1; ; attempt += 1) {
    try {
      await downloadOnce(pin.url, part, pin, onProgress);
      break;
    } catch (error) {
      if (attempt >= attempts || isFinal(error)) throw explain(error, pin.url);
    }
  }
  try {
    await verifyDownload(part, pin);
  } catch (error) {
    rmSync(part, { force: true }); // nothing in it can be continued
    throw error;
  }
  renameSync(part, target);
}
