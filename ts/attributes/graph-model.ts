/** TensorFlow.js graph models: weights by name, dequantised, with the graph they belong to. Nothing is executed. */
import { readFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { DeepcodeError } from '../errors.js';
import { floatDecoder } from '../weights/float-decode.js';
import { arrayOfBytes, type TensorData, type TensorDtype } from '../weights/tensor-data.js';
import {
  parseGraphTopology,
  refuseGraph,
  shownName,
  type GraphDtype,
  type GraphNode,
  type WeightGroup,
  type WeightSpec,
} from './graph-topology.js';

export interface GraphModel {
  /** By name, in the file's order. */
  nodes: ReadonlyMap<string, GraphNode>;
  /** By the name of their node: F32, I32 or BOOL, row-major, channels last as in the graph. */
  weights: ReadonlyMap<string, TensorData>;
}

/** Gives the bytes of one weight file. */
export type ReadShard = (name: string) => Promise<Uint8Array>;

const DTYPES: Readonly<Record<GraphDtype, TensorDtype>> = { float32: 'F32', int32: 'I32', bool: 'BOOL' };
const STORED = { uint8: 'U8', uint16: 'U16', float16: 'F16', float32: 'F32', int32: 'I32', bool: 'BOOL' } as const;
const BYTES = { uint8: 1, uint16: 2, float16: 2, float32: 4, int32: 4, bool: 1 } as const;

const decodeHalf = floatDecoder('F16')!;

function storedType({ dtype, quantization }: WeightSpec): keyof typeof BYTES {
  return quantization?.dtype ?? dtype;
}

function byteLength(spec: WeightSpec): number {
  return spec.shape.reduce((product, size) => product * size, BYTES[storedType(spec)]);
}

/** TensorFlow.js multiplies and adds in double precision and rounds once; so does this. */
function dequantise({ dtype, quantization }: WeightSpec, stored: ArrayLike<number>): Float32Array | Int32Array {
  if (quantization!.dtype === 'float16') return Float32Array.from(stored, decodeHalf);
  const { scale, min } = quantization as { scale: number; min: number };
  if (dtype === 'int32') return Int32Array.from(stored, (value) => Math.round(value * scale + min));
  return Float32Array.from(stored, (value) => value * scale + min);
}

function decodeTensor(spec: WeightSpec, bytes: Uint8Array): TensorData {
  // Little-endian in the file and on every processor that the addon is built for.
  const stored = arrayOfBytes(STORED[storedType(spec)], bytes);
  const data = spec.quantization ? dequantise(spec, stored as Uint8Array) : stored;
  if (data instanceof Float32Array && !data.every(Number.isFinite)) {
    throw new DeepcodeError('ERR_WEIGHTS_NONFINITE', `Weight ${shownName(spec.name)} holds NaN or infinity. Use another copy.`);
  }
  return { dtype: DTYPES[spec.dtype], shape: spec.shape, data };
}

async function joinShards(paths: readonly string[], size: number, readShard: ReadShard): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  let total = 0;
  for (const path of paths) {
    const part = await readShard(path);
    total += part.length;
    if (total > size) break;
    parts.push(part);
  }
  if (total !== size) throw refuseGraph(`its weights take ${size} bytes, but the files hold ${total > size ? 'more' : total}`);
  // A copy: typed arrays on it may outlive the caller's buffers.
  return new Uint8Array(Buffer.concat(parts));
}

async function decodeGroup({ paths, weights }: WeightGroup, readShard: ReadShard): Promise<[string, TensorData][]> {
  const size = weights.reduce((sum, spec) => sum + byteLength(spec), 0);
  const bytes = await joinShards(paths, size, readShard);
  let offset = 0;
  return weights.map((spec) => {
    const end = offset + byteLength(spec);
    const tensor = decodeTensor(spec, bytes.slice(offset, end));
    offset = end;
    return [spec.name, tensor];
  });
}

/**
 * Reads a graph model from the bytes of its model.json; weight files are asked for one by one.
 *
 * @throws DeepcodeError ERR_WEIGHTS_FORMAT for what breaks a rule of the format, ERR_WEIGHTS_NONFINITE, or what
 *   `readShard` throws
 */
export async function decodeGraphModel(json: Uint8Array, readShard: ReadShard): Promise<GraphModel> {
  const { nodes, groups } = parseGraphTopology(json);
  const weights = new Map<string, TensorData>();
  for (const group of groups) {
    for (const [name, tensor] of await decodeGroup(group, readShard)) weights.set(name, tensor);
  }
  return { nodes, weights };
}

async function readBytes(path: string): Promise<Uint8Array> {
  return readFile(path).catch((error: unknown) => {
    const { code } = error as NodeJS.ErrnoException;
    throw new DeepcodeError('ERR_IO', `${basename(path)} cannot be read: ${code}.`, { cause: error });
  });
}

/**
 * Reads a graph model from its model.json; the weight files lie in the same folder.
 *
 * @throws DeepcodeError ERR_IO, and those of {@link decodeGraphModel}
 */
export async function readGraphModel(path: string): Promise<GraphModel> {
  return decodeGraphModel(await readBytes(path), (name) => readBytes(join(dirname(path), name)));
}
