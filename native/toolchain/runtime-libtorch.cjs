'use strict';
// Finds the addon and the libtorch to run it with, synchronously and without starting Python when
// a build has recorded where its libtorch is. ts/native.ts loads through this; so does the build's
// own load test.

const fs = require('node:fs');
const { inspectLibtorch, minorOf } = require('./libtorch-info.cjs');
const { buildPaths, libtorchCacheDir, prebuildRoot } = require('./paths.cjs');
const { VERSION } = require('./pins.cjs');
const { pythonTorchRoot } = require('./python.cjs');

// What the last build or install wrote: where its libtorch is, and of what it made the binary.
function readRecord(file = buildPaths.record) {
  try {
    return JSON.parse(fs.readFileSync(file, 'utf8'));
  } catch {
    return undefined;
  }
}

// The places to look, in order; each is asked only when those before it had nothing.
function* places(env, record) {
  if (env.DEEPCODE_LIBTORCH) {
    yield { source: 'DEEPCODE_LIBTORCH', root: env.DEEPCODE_LIBTORCH, required: true };
  }
  if (record?.root) yield { source: record.source ?? 'build', root: record.root };
  const python = pythonTorchRoot(env);
  if (python) yield { source: 'python', root: python };
  yield { source: 'cache', root: libtorchCacheDir(VERSION, env) };
}

/**
 * The first usable libtorch, as {root, lib, include, version, cuda, cxx11abi, source}, and what was
 * wrong with the others: {libtorch?, rejected: [{source, root, reason}]}. An unusable
 * DEEPCODE_LIBTORCH ends the search: a user who sets it means it.
 */
function findInstalled(env = process.env, record = undefined) {
  const rejected = [];
  for (const place of places(env, record)) {
    const info = inspectLibtorch(place.root);
    if (typeof info !== 'string') return { libtorch: { ...info, source: place.source }, rejected };
    rejected.push({ source: place.source, root: place.root, reason: info });
    if (place.required) break;
  }
  return { rejected };
}

// The prebuilt addon for a libtorch of `version`, if the package carries one.
function prebuiltAddon(version) {
  const root = prebuildRoot(minorOf(version));
  if (!fs.existsSync(root)) return undefined;
  try {
    return require('node-gyp-build').resolve(root);
  } catch {
    return undefined;
  }
}

/**
 * What to load: {addon?, libtorch?, record?, rejected}. A locally built addon is used when it was
 * built for the minor version of the libtorch found, else a prebuilt one for that version.
 */
function resolveRuntime(env = process.env) {
  const record = readRecord();
  const { libtorch, rejected } = findInstalled(env, record);
  if (!libtorch) return { record, rejected };
  const fits =
    record?.binary !== undefined &&
    fs.existsSync(buildPaths.addon) &&
    minorOf(record.version) === minorOf(libtorch.version);
  const addon = fits ? buildPaths.addon : prebuiltAddon(libtorch.version);
  return { addon, libtorch, record, rejected };
}

module.exports = { resolveRuntime, findInstalled, prebuiltAddon, readRecord };
