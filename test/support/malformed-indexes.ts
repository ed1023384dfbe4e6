/** Sharded checkpoints whose index or shards are wrong. */
import type { ErrorCode } from '../../ts/errors.js';
import { entry, validFile, withHeader, zeros } from './safetensors-bytes.js';

export const INDEX_NAME = 'model.safetensors.index.json';

export interface MalformedIndex {
  name: string;
  /** Files of the folder by name; the index is one of them. */
  files: Record<string, Buffer>;
  code: ErrorCode;
}

function index(weightMap: Record<string, unknown>): Buffer {
  return Buffer.from(JSON.stringify({ metadata: { total_size: 8 }, weight_map: weightMap }));
}

function shard(...names: string[]): Buffer {
  const entries = names.map((name, i) => entry(name, '[1]', 4 * i, 4 * i + 4));
  return withHeader(`{${entries.join(',')}}`, zeros(4 * names.length));
}

/** One index that names this shard, beside a good shard that it could be meant for. */
function named(shardName: unknown): Record<string, Buffer> {
  return { [INDEX_NAME]: index({ w: shardName }), 'a.safetensors': validFile() };
}

function text(json: string): Record<string, Buffer> {
  return { [INDEX_NAME]: Buffer.from(json), 'a.safetensors': validFile() };
}

export const MALFORMED_INDEXES: MalformedIndex[] = [
  { name: 'a shard in the parent folder', files: named('../a.safetensors'), code: 'ERR_WEIGHTS_FORMAT' },
  { name: 'a shard with an absolute path', files: named('/etc/a.safetensors'), code: 'ERR_WEIGHTS_FORMAT' },
  { name: 'a shard in a subfolder', files: named('sub/a.safetensors'), code: 'ERR_WEIGHTS_FORMAT' },
  { name: 'a shard with a backslash', files: named('..\\a.safetensors'), code: 'ERR_WEIGHTS_FORMAT' },
  { name: 'a shard with a drive', files: named('C:a.safetensors'), code: 'ERR_WEIGHTS_FORMAT' },
  { name: 'a shard with a NUL', files: named('a.safetensors\0.safetensors'), code: 'ERR_WEIGHTS_FORMAT' },
  { name: 'a shard that is ".."', files: named('..'), code: 'ERR_WEIGHTS_FORMAT' },
  { name: 'an empty shard name', files: named(''), code: 'ERR_WEIGHTS_FORMAT' },
  { name: 'a shard that is a number', files: named(1), code: 'ERR_WEIGHTS_FORMAT' },
  { name: 'a shard of another format', files: named('a.bin'), code: 'ERR_WEIGHTS_FORMAT' },
  { name: 'a missing shard', files: named('b.safetensors'), code: 'ERR_WEIGHTS_MISSING' },
  {
    name: 'a malformed shard',
    files: { [INDEX_NAME]: index({ w: 'a.safetensors' }), 'a.safetensors': Buffer.from('no') },
    code: 'ERR_WEIGHTS_FORMAT',
  },
  {
    name: 'a tensor that its shard lacks',
    files: { [INDEX_NAME]: index({ w: 'a.safetensors', x: 'a.safetensors' }), 'a.safetensors': shard('w') },
    code: 'ERR_WEIGHTS_MISSING',
  },
  {
    name: 'a tensor in the wrong shard',
    files: {
      [INDEX_NAME]: index({ w: 'a.safetensors', x: 'b.safetensors' }),
      'a.safetensors': shard('w', 'x'),
      'b.safetensors': shard('y'),
    },
    code: 'ERR_WEIGHTS_UNEXPECTED',
  },
  {
    name: 'a tensor that the index does not list',
    files: { [INDEX_NAME]: index({ w: 'a.safetensors' }), 'a.safetensors': shard('w', 'x') },
    code: 'ERR_WEIGHTS_UNEXPECTED',
  },
  {
    name: 'one tensor in two shards',
    files: text('{"weight_map":{"w":"a.safetensors","w":"b.safetensors"}}'),
    code: 'ERR_WEIGHTS_FORMAT',
  },
  { name: 'no weight_map', files: text('{"metadata":{}}'), code: 'ERR_WEIGHTS_FORMAT' },
  { name: 'an empty weight_map', files: text('{"weight_map":{}}'), code: 'ERR_WEIGHTS_FORMAT' },
  { name: 'a weight_map that is a list', files: text('{"weight_map":["w"]}'), code: 'ERR_WEIGHTS_FORMAT' },
  { name: 'two weight_maps', files: text('{"weight_map":{},"weight_map":{}}'), code: 'ERR_WEIGHTS_FORMAT' },
  { name: 'an empty index', files: text(''), code: 'ERR_WEIGHTS_FORMAT' },
  { name: 'an index that is not JSON', files: text('{weight_map: 1}'), code: 'ERR_WEIGHTS_FORMAT' },
  { name: 'a tensor named __proto__', files: text('{"weight_map":{"__proto__":"a.safetensors"}}'), code: 'ERR_WEIGHTS_FORMAT' },
  { name: 'deep nesting beside the weight_map', files: text(`{"x":${'['.repeat(100_000)}`), code: 'ERR_WEIGHTS_FORMAT' },
];
