// Builds build/Release/deepcode.node when something that goes into it has changed.
// Usage: node native/toolchain/build.mjs [--force]

import { copyFileSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { checkLoads, compile } from './build-steps.mjs';
import { binaryStamp, sourceFingerprint } from './fingerprint.mjs';
import { locateLibtorch } from './locate-libtorch.mjs';
import { withLock } from './lock.mjs';
import paths from './paths.cjs';
import { log, printFailure } from './report.mjs';
import runtime from './runtime-libtorch.cjs';
import { findTools } from './tools.mjs';

const { addon, candidate, record, tree } = paths.buildPaths;

function isUpToDate(fingerprint) {
  const previous = runtime.readRecord();
  return previous?.fingerprint === fingerprint && previous.binary === binaryStamp(addon);
}

// CMake refuses to change its generator or compiler in a tree; a tree made otherwise is dropped.
function prepareTree(tools, libtorch) {
  const signature = JSON.stringify([Boolean(tools.ninja), tools.cxx, tools.cxxVersion, libtorch.root]);
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

// By rename, so that a running process keeps the binary it has mapped and nobody sees half a file.
function moveIntoPlace(libtorch, tools, fingerprint) {
  mkdirSync(dirname(addon), { recursive: true });
  const temporary = `${addon}.${process.pid}.tmp`;
  const { root, version, cuda, cxx11abi, source } = libtorch;
  try {
    copyFileSync(candidate, temporary);
    renameSync(temporary, addon);
    const facts = { root, version, cuda, cxx11abi, source, fingerprint, binary: binaryStamp(addon),
      compiler: tools.cxxVersion, cmake: tools.cmakeVersion, builtAt: new Date().toISOString() };
    writeFileSync(temporary, `${JSON.stringify(facts, null, 2)}\n`);
    renameSync(temporary, record);
  } finally {
    rmSync(temporary, { force: true });
  }
}

/** Makes sure that the addon is there and fits its sources; returns whether it was built. */
export async function buildAddon({ force = false, env = process.env } = {}) {
  const libtorch = await locateLibtorch({ env });
  const onWait = (pid) => log(`another build is running (process ${pid}); waiting for it`);
  return withLock(`build:${paths.projectRoot}`, onWait, async () => {
    const fingerprint = sourceFingerprint(libtorch, env);
    if (!force && isUpToDate(fingerprint)) return false;
    const tools = findTools(env);
    log(`building the addon with libtorch ${libtorch.version} from ${libtorch.root} (${libtorch.source}), ${tools.jobs} at a time`);
    prepareTree(tools, libtorch);
    await compile(libtorch, tools, env);
    checkLoads(candidate, libtorch);
    moveIntoPlace(libtorch, tools, fingerprint);
    log('the addon is built');
    return true;
  });
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  buildAddon({ force: process.argv.includes('--force') }).catch((error) => {
    process.exitCode = printFailure(error);
  });
}
