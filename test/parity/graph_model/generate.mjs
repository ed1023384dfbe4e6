/**
 * Makes quantised.json: weights of every way of storing them, as TensorFlow.js decodes them. The bytes are 0, 1, 2, ...
 *
 *     npm install --no-save @tensorflow/tfjs-core @tensorflow/tfjs-backend-cpu
 *     node test/parity/graph_model/generate.mjs
 */
import { writeFileSync } from 'node:fs';
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';

await tf.setBackend('cpu');
const specs = [
  { name: 'a', shape: [16], dtype: 'float32', quantization: { dtype: 'uint8', scale: 0.0123456789, min: -1.2345 } },
  { name: 'b', shape: [8], dtype: 'float32', quantization: { dtype: 'uint16', scale: 3.3e-5, min: -0.7 } },
  { name: 'c', shape: [8], dtype: 'float32', quantization: { dtype: 'float16' } },
  { name: 'd', shape: [4], dtype: 'int32', quantization: { dtype: 'uint8', scale: 2.5, min: -7 } },
  { name: 'e', shape: [2], dtype: 'float32' },
  { name: 'f', shape: [2], dtype: 'int32' },
];
const bytes = Uint8Array.from({ length: 68 }, (_, i) => i);
const decoded = tf.io.decodeWeights(bytes.buffer, specs);
const values = Object.fromEntries(Object.entries(decoded).map(([name, tensor]) => [name, Array.from(tensor.dataSync())]));
writeFileSync(new URL('quantised.json', import.meta.url), JSON.stringify({ specs, values }));
