// What `npm install deepcode` runs: makes sure that there is an addon to load, from a prebuilt
// binary where one fits, else by building. In a checkout of the sources it leaves that to npm test.

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { buildAddon, writeRecord } from './build.mjs';
import { checkLoads } from './build-steps.mjs';
import { fetchLibtorch } from './fetch-libtorch.mjs';
import { locateLibtorch } from './locate-libtorch.mjs';
import paths from './paths.cjs';
import pins from './pins.cjs';
import { log, printFailure } from './report.mjs';
import runtime from './runtime-libtorch.cjs';

async function prebuiltWorks(env) {
  // Without a prebuilt addon nothing is downloaded here: a build looks for its tools first.
  const found = await locateLibtorch({ env, allowDownload: false });
  const addon = runtime.prebuiltAddon(found?.version ?? pins.VERSION);
  if (!addon) return false;
  const libtorch = found ?? (await fetchLibtorch({ env }));
  try {
    checkLoads(addon, libtorch);
    writeRecord(libtorch);
    return true;
  } catch (error) {
    log(`the prebuilt addon does not load here: ${error.message}`);
    return false;
  }
}

async function main(env = process.env) {
  if (existsSync(join(paths.projectRoot, '.git'))) return;
  if (env.DEEPCODE_SKIP_INSTALL) {
    log('DEEPCODE_SKIP_INSTALL is set: the addon is not installed. Later: npm rebuild deepcode');
    return;
  }
  if (!(await prebuiltWorks(env))) await buildAddon({ env });
}

main().catch((error) => {
  process.exitCode = printFailure(error);
});
