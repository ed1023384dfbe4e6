// Builds build/Release/deepcode.node when something that goes into it has changed.
// Usage: node native/toolchain/build.mjs [--force]

import {
  copyFileSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { checkLoads, compile } from './build-steps.mjs';
import { fetchLibtorch } from './fetch-libtorch.mjs';
import { baseVersion, binaryStamp, sourceFingerprint } from './fingerprint.mjs';
import { locateLibtorch } from './locate-libtorch.mjs';
import { withLock } from './lock.mjs';
import { isIntact } from './manifest.mjs';
import paths from './paths.cjs';
import pins from './pins.cjs';
import { log, printFailure } from './report.mjs';
import runtime from './runtime-libtorch.cjs';
import { obtainTools } from './tools.mjs';

const { addon, candidate, record, tree } = paths.buildPaths;

function isUpToDate(fingerprint) {
  const previous = runtime.readRecord();
  return previous?.fingerprint === fingerprint && previous.binary === binaryStamp(addon);
}

// CMake refuses to change its generator or compiler in a tree and remembers where its programs are, and
// file times do not tell another version of libtorch; a tree made otherwise is dropped.
function prepareTree(tools, libtorch) {
  const signature = JSON.stringify([
    Boolean(tools.ninja),
    tools.cxx,
    tools.cxxVersion,
    baseVersion(libtorch),
    ...tools.fetched,
  ]);
  const file = join(tree, 'made-with.json');
  try {
    if (readFileSync(file, 'utf8') === signature) return;
  } catch {
    // no tree yet
  }
  rmSync(tree, { recursive: true, force: true });
  mkdirSync(tree, { recursive: true });
  writeFileSync(file, signature);
}

function linkLibtorch(libtorch) {
  rmSync(paths.buildPaths.libtorch, { force: true });
  symlinkSync(libtorch.root, paths.buildPaths.libtorch);
}

function writeByRename(file, write) {
  const temporary = `${file}.${process.pid}.tmp`;
  try {
    write(temporary);
    renameSync(temporary, file);
  } finally {
    rmSync(temporary, { force: true });
  }
}

/** Tells ts/native.ts where libtorch is, so that no process has to search; `facts` are of the binary. */
export function writeRecord(libtorch, facts = {}) {
  mkdirSync(dirname(record), { recursive: true });
  const { root, version, cuda, cxx11abi, source } = libtorch;
  const text = JSON.stringify({ root, version, cuda, cxx11abi, source, ...facts }, null, 2);
  writeByRename(record, (file) => writeFileSync(file, `${text}\n`));
}

// By rename, so that a running process keeps the binary it has mapped and nobody sees half a file.
function moveIntoPlace(libtorch, tools, fingerprint) {
  mkdirSync(dirname(addon), { recursive: true });
  writeByRename(addon, (file) => copyFileSync(candidate, file));
  writeRecord(libtorch, {
    fingerprint,
    binary: binaryStamp(addon),
    compiler: tools.cxxVersion,
    cmake: tools.cmakeVersion,
    builtAt: new Date().toISOString(),
  });
}

// The libraries are code that is about to run: a cached copy is hashed before it is built with.
async function ensureIntact(libtorch, env) {
  if (libtorch.source !== 'cache' || isIntact(libtorch.root)) return libtorch;
  log(`the cached libtorch in ${libtorch.root} is damaged and is fetched again`);
  rmSync(libtorch.root, { recursive: true, force: true });
  return fetchLibtorch({ env });
}

async function build(tools, libtorch, fingerprint, env) {
  const { root, version, source } = await ensureIntact(libtorch, env);
  log(`building the addon with libtorch ${version} from ${root} (${source}), ${tools.jobs} at a time`);
  prepareTree(tools, libtorch);
  linkLibtorch(libtorch);
  await compile(tools, env);
  checkLoads(candidate, libtorch);
  moveIntoPlace(libtorch, tools, fingerprint);
  log('the addon is built');
}

/** Makes sure that the addon is there and fits its sources; returns whether it was built. */
export async function buildAddon({ force = false, env = process.env } = {}) {
  const found = await locateLibtorch({ env, allowDownload: false });
  // Looked for before libtorch is fetched: who lacks a compiler learns of it before 190 MB are here.
  const stale = force || !isUpToDate(sourceFingerprint(found ?? { version: pins.VERSION }, env));
  const tools = stale ? await obtainTools({ env }) : undefined;
  const libtorch = found ?? (await fetchLibtorch({ env }));
  const onWait = (pid) => log(`another build is running (process ${pid}); waiting for it`);
  return withLock(`build:${paths.projectRoot}`, onWait, async () => {
    const fingerprint = sourceFingerprint(libtorch, env);
    if (force || !isUpToDate(fingerprint)) {
      await build(tools ?? (await obtainTools({ env })), libtorch, fingerprint, env);
      return true;
    }
    const previous = runtime.readRecord();
    if (previous.root !== libtorch.root) {
      const { binary, compiler, cmake, builtAt } = previous;
      writeRecord(libtorch, { fingerprint, binary, compiler, cmake, builtAt });
    }
    return false;
  });
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  buildAddon({ force: process.argv.includes('--force') }).catch((error) => {
    process.exitCode = printFailure(error);
  });
}
