/**
 * What V8 has been told of memory outside of its heap. process.memoryUsage().external does not say it: in Node 20, 22 and 24
 * it is the memory of ArrayBuffers and the like alone. So a small addon asks as Node-API can: by a change of 0.
 */
import { strictEqual } from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

const HEADERS = join(dirname(require.resolve('node-api-headers/package.json')), 'include');

const SOURCE = `
#include <node_api.h>
static napi_value Total(napi_env env, napi_callback_info info) {
  int64_t total = -1;
  napi_value value;
  napi_adjust_external_memory(env, 0, &total);
  napi_create_int64(env, total, &value);
  return value;
}
NAPI_MODULE_INIT() {
  napi_value total;
  napi_create_function(env, "total", NAPI_AUTO_LENGTH, Total, NULL, &total);
  return total;
}
`;

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

/** Compiles the addon in a folder that stays as long as the process reads by it. Gives the bytes once garbage is gone. */
export function externalMemoryReader(folder: string): () => Promise<number> {
  const [source, addon] = [join(folder, 'external-memory.c'), join(folder, 'external-memory.node')];
  writeFileSync(source, SOURCE);
  const { status, stderr } = spawnSync(process.env.CC ?? 'cc', ['-shared', '-fPIC', `-I${HEADERS}`, '-o', addon, source], { encoding: 'utf8' });
  strictEqual(status, 0, stderr);
  const total = require(addon) as () => number;
  return async () => {
    // Finalizers run in turns of their own.
    for (let i = 0; i < 3; i++) {
      collect();
      await nextTurn();
    }
    return total();
  };
}
