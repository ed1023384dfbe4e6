/**
 * A process that does one thing very often and prints what that did to its memory and threads, as JSON.
 * Arguments: a scenario, the folder of a random ViT, how often, how often before that as a warm-up.
 */
'use strict';
const { readdirSync, readFileSync } = require('node:fs');
const { join } = require('node:path');
const { isMainThread, Worker, workerData, parentPort } = require('node:worker_threads');
const sharp = require('sharp');
const { Detector } = require('../../../dist/index.js');
const { callNative } = require('../../../dist/native.js');
const { parseVitConfig } = require('../../../dist/detect/vit-config.js');

/** What stays after garbage collection, and how many threads there are. */
function census() {
  globalThis.gc();
  return { rss: process.memoryUsage.rss(), threads: readdirSync('/proc/self/task').length };
}

/** Repeats `once(i)`, and compares the process after the warm-up with the process at the end. */
async function repeat(times, warmUp, once) {
  for (let i = 0; i < warmUp; i++) await once(i);
  const before = census();
  for (let i = 0; i < times; i++) await once(i);
  return { before, after: census() };
}

async function picture(width, height, seed) {
  const data = Buffer.alloc(width * height * 3);
  for (let i = 0; i < data.length; i++) data[i] = (i * 31 + seed * 17 + ((i * i) >> 7)) & 255;
  return sharp(data, { raw: { width, height, channels: 3 } }).png({ compressionLevel: 1 }).toBuffer();
}

/** The network alone: no decoding. */
async function loadNetwork(folder) {
  const config = JSON.parse(readFileSync(join(folder, 'config.json'), 'utf8'));
  const { options: vit, preprocessing: { mean, std } } = parseVitConfig(config, 'config.json');
  const spec = {
    network: { kind: 'vit', vit, adapters: [] }, weights: join(folder, 'model.safetensors'), numLogits: 2, mean, std, device: 'cpu', dtype: 'fp32', batchSize: 8, flipAverage: false,
  };
  const network = await callNative(undefined, (addon, token) => addon.detectorLoad(spec, token));
  const bytes = vit.imageHeight * vit.imageWidth * 3;
  const forward = (images) => callNative(undefined, (_, token) => network.forward(images, images.length / bytes, token));
  return { forward, bytes };
}

const SCENARIOS = {
  /** One image a call, through the addon. */
  async predictions(folder, times, warmUp) {
    const { forward, bytes } = await loadNetwork(folder);
    const image = new Uint8Array(bytes).fill(127);
    return repeat(times, warmUp, () => forward(image));
  },

  /** One image a call, from the bytes of a file to a label. */
  async facade(folder, times, warmUp) {
    const detector = await Detector.load(folder);
    const image = await picture(256, 200, 1);
    return repeat(times, warmUp, () => detector.detect(image));
  },

  async lifecycle(folder, times, warmUp) {
    const image = await picture(64, 64, 1);
    return repeat(times, warmUp, async () => {
      const detector = await Detector.load(folder);
      await detector.detect(image);
      detector.dispose();
    });
  },

  /** Images of other sizes, and batches of other sizes, again and again. */
  async sizes(folder, times, warmUp) {
    const detector = await Detector.load(folder, { batchSize: 16 });
    return repeat(times, warmUp, async (i) => {
      const image = await picture(16 + ((i * 37) % 400), 16 + ((i * 53) % 300), i);
      await detector.detect(Array.from({ length: 1 + (i % 16) }, () => image));
    });
  },

  /** Threads that load, compute and are terminated while they compute. */
  async workers(folder, times, warmUp) {
    return repeat(times, warmUp, async () => {
      const workers = Array.from({ length: 8 }, () => new Worker(__filename, { workerData: { folder } }));
      await Promise.all(workers.map(async (worker) => {
        await new Promise((resolve, reject) => worker.once('message', resolve).once('error', reject));
        await worker.terminate();
      }));
    });
  },

  /** What an undisturbed process answers. */
  async reference(folder) {
    const detector = await Detector.load(folder);
    return { logits: await logitsOf(detector) };
  },

  /** Aborts at 20 points of a call; each time the next call must answer as if nothing had happened. */
  async aborts(folder, times) {
    const detector = await Detector.load(folder);
    const logits = await logitsOf(detector);
    const start = performance.now();
    await logitsOf(detector);
    const duration = performance.now() - start;
    const outcomes = { AbortError: 0, finished: 0 };
    let changed = 0;
    for (let i = 0; i < 20 * times; i++) {
      outcomes[await abortedAfter(detector, ((i % 20) / 25) * duration)] += 1;
      if (JSON.stringify(await logitsOf(detector)) !== JSON.stringify(logits)) changed++;
    }
    return { logits, outcomes, changed };
  },
};

let batch;
async function logitsOf(detector, signal) {
  batch ??= await Promise.all([1, 2, 3, 4].map((seed) => picture(224, 224, seed)));
  return (await detector.detect(batch, { signal })).map(({ logits }) => logits);
}

/** How the call ended: "finished", or the error's name. */
async function abortedAfter(detector, milliseconds) {
  const controller = new AbortController();
  const timer = setTimeout(() => controller.abort(), milliseconds);
  const ending = await logitsOf(detector, controller.signal).then(() => 'finished', (error) => error.name);
  clearTimeout(timer);
  return ending;
}

/** A worker computes until it is terminated. */
async function work(folder) {
  const { forward, bytes } = await loadNetwork(folder);
  const images = new Uint8Array(4 * bytes);
  await forward(images);
  parentPort.postMessage('computing');
  for (;;) await forward(images);
}

async function main([scenario, folder, times, warmUp]) {
  const result = await SCENARIOS[scenario](folder, Number(times), Number(warmUp));
  process.stdout.write(JSON.stringify(result));
}

if (isMainThread) void main(process.argv.slice(2));
else void work(workerData.folder);
