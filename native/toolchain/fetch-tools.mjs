// The pinned CMake and ninja, brought into the cache for a machine that has none.

import { join } from 'node:path';
import { fetchPinned, httpsSource, pipSource } from './fetch-pinned.mjs';
import tools from './find-tools.cjs';
import { isIntact } from './manifest.mjs';
import paths from './paths.cjs';
import pythons from './python.cjs';

const TITLES = { cmake: 'CMake', ninja: 'ninja' };

// Modules and templates are what a configure reads; the rest of share/ is manuals.
export const TOOL_MEMBERS = {
  cmake: { folders: ['share/cmake-4.4/Modules/', 'share/cmake-4.4/Templates/'], files: ['bin/cmake'] },
  ninja: { folders: [], files: ['ninja'] },
};

// pip knows the user's mirrors and proxies; without it, the file itself.
function sourcesOf(pin, title, env) {
  const python = pythons.pythonWithPip(env);
  return [...(python ? [pipSource(pin, { python, env })] : []), httpsSource(pin, title)];
}

// Tried before it is put in place: a folder where nothing may be run is better told of here.
function whyNotRunnable(file, wanted) {
  if (!tools.isProgram(file)) return 'its program may not be run in the cache folder; set DEEPCODE_CACHE to another';
  const said = tools.versionLine(file);
  if (said === undefined) return 'its program does not run on this machine';
  return said.includes(wanted) ? undefined : `its program says that it is ${JSON.stringify(said.slice(0, 40))}`;
}

function describe(name, instead) {
  const { pin, program } = tools.FETCHABLE[name];
  const title = TITLES[name];
  return {
    name: title,
    version: pin.version,
    members: TOOL_MEMBERS[name],
    target: (env) => paths.toolCacheDir(name, pin.version, env),
    sources: (env) => sourcesOf(pin, `${title} ${pin.version}`, env),
    isWhole: (folder) => isIntact(folder, () => true) && tools.isProgram(join(folder, program)),
    whyUnusable: (folder) => whyNotRunnable(join(folder, program), pin.version),
    instead,
  };
}

/** The ways to get a tool, in the order they are tried. */
export const toolSources = (name, env = process.env) => describe(name, []).sources(env);

/**
 * The program of the cached `name` ("cmake" or "ninja"), fetched if need be. Every file is hashed before
 * it is trusted. `instead` are the fixes of whoever cannot download it.
 */
export async function fetchTool(name, { env = process.env, instead = [], sources } = {}) {
  const wanted = describe(name, instead);
  const target = wanted.target(env);
  if (!wanted.isWhole(target)) await fetchPinned(wanted, { env, sources });
  return join(target, tools.FETCHABLE[name].program);
}
