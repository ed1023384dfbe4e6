/**
 * A process that does something rude while inference is running.
 * Arguments: what to do, the folder of a random ViT, milliseconds to wait before doing it.
 */
'use strict';
const { join } = require('node:path');
const { isMainThread, Worker, workerData } = require('node:worker_threads');
const { Detector } = require('../../../dist/index.js');

const IMAGE_SIDE = 224;

/** Keeps four calls in flight for ever; their failures are part of the experiment. */
async function infer(directory, onStart) {
  const detector = await Detector.load(directory);
  const image = Buffer.alloc(IMAGE_SIDE * IMAGE_SIDE * 3, 127);
  const sharp = require('sharp');
  const png = await sharp(image, { raw: { width: IMAGE_SIDE, height: IMAGE_SIDE, channels: 3 } }).png().toBuffer();
  const loop = async () => {
    for (;;) await detector.detect(png);
  };
  await detector.detect(png);
  process.stderr.write('inference started\n');
  const loops = [1, 2, 3, 4].map(() => loop().catch(() => undefined));
  onStart(detector);
  return Promise.all(loops);
}

const RUDE = {
  exit: () => process.exit(0),
  throw: () => {
    throw new Error('thrown on purpose');
  },
  sigterm: () => process.kill(process.pid, 'SIGTERM'),
  sigint: () => process.kill(process.pid, 'SIGINT'),
  dispose: (detector) => {
    detector.dispose();
    setTimeout(() => process.exit(0), 30);
  },
};

if (isMainThread) {
  const [action, directory, delay] = process.argv.slice(2);
  if (action === 'terminate') {
    const worker = new Worker(__filename, { workerData: { directory } });
    worker.once('message', () => {
      setTimeout(async () => {
        await worker.terminate();
        // The main thread must still be able to compute.
        await infer(directory, () => setTimeout(() => process.exit(0), 30));
      }, Number(delay));
    });
  } else {
    infer(directory, (detector) => setTimeout(() => RUDE[action](detector), Number(delay)));
  }
} else {
  const { parentPort } = require('node:worker_threads');
  infer(workerData.directory, () => parentPort.postMessage('started'));
}
