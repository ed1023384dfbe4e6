/** Starts and ends workers that compute; prints "survived" when this process still can. Argument: the scenario. */
'use strict';
const { isMainThread, parentPort, Worker, workerData } = require('node:worker_threads');
const { native } = require('../../../dist/native.js');

const WORKERS = 25;
const FEATURES = new Float32Array([1, 2, 3, 4]);
const OPTIONS = { margin: 0.3, scaledMargin: false, distance: 'euclidean' };

/** A hundred calls at once, for ever: two features of two numbers, or of a centre that does not fit. */
async function compute(centerSize) {
  const addon = native();
  const call = () => addon.singleCenterLoss(FEATURES, new Uint8Array([0, 1]), new Float32Array(centerSize), OPTIONS);
  for (;;) await Promise.allSettled(Array.from({ length: 100 }, call));
}

const IN_WORKER = {
  exit: () => native().synchronize('cpu').then(() => parentPort.postMessage('up')),
  reject: () => (parentPort.postMessage('up'), compute(3)),
  resolve: () => (parentPort.postMessage('up'), compute(2)),
};

async function endWorkers(scenario) {
  for (let i = 0; i < WORKERS; i++) {
    const worker = new Worker(__filename, { workerData: scenario });
    const ended = new Promise((resolve) => worker.once('exit', resolve));
    await new Promise((resolve, reject) => worker.once('message', resolve).once('error', reject));
    if (scenario === 'exit') await ended;
    else await new Promise((resolve) => setTimeout(resolve, i)).then(() => worker.terminate());
  }
}

async function main(scenario) {
  await native().synchronize('cpu');
  await endWorkers(scenario);
  await native().synchronize('cpu');
  process.stdout.write('survived\n');
}

if (isMainThread) void main(process.argv[2]);
else void IN_WORKER[workerData]();
