'use strict';
// Run as a child process: loads a candidate addon the way ts/native.ts does and makes one call. A
// binary that crashes, hangs or lacks a symbol does it here instead of in the user's program.
// Usage: node load-check.cjs <addon> <libtorch lib folder>

const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');

const RTLD_NODELETE = 0x1000;
const { RTLD_NOW, RTLD_GLOBAL } = os.constants.dlopen;

function preload(library) {
  try {
    process.dlopen({ exports: {} }, library, RTLD_NOW | RTLD_GLOBAL | RTLD_NODELETE);
  } catch (error) {
    // Node says this of any library that is not an addon; it stays loaded, which is what is wanted.
    if (!String(error).includes('did not self-register')) throw error;
  }
}

function main([addon, lib]) {
  preload(path.join(lib, 'libc10.so'));
  preload(path.join(lib, 'libtorch_cpu.so'));
  const holder = { exports: {} };
  process.dlopen(holder, path.resolve(addon), RTLD_NOW);
  holder.exports.initialize({ libtorchDirectory: lib });
  const info = holder.exports.runtimeInfo();
  holder.exports.shutdown();
  fs.writeSync(1, `${JSON.stringify(info)}\n`);
}

try {
  main(process.argv.slice(2));
} catch (error) {
  fs.writeSync(2, `${error.message}\n`);
  process.exitCode = 1;
}
