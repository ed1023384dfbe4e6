/**
 * model.json of a TensorFlow.js graph model as data: the nodes of the graph and the manifest of its weights. Nothing of
 * the graph is executed; ops are names. Reference: tfjs-core's io/types.ts (WeightsManifestConfig) and TensorFlow's
 * graph.proto and tensor_shape.proto in their JSON form.
 */
import { DeepcodeError } from '../errors.js';

export type GraphDtype = 'float32' | 'int32' | 'bool';

/** How a tensor is stored in fewer bytes: value = stored x scale + min, or half precision. */
export type Quantization =
  | { dtype: 'uint8' | 'uint16'; scale: number; min: number }
  | { dtype: 'float16' };

export interface WeightSpec {
  name: string;
  /** Row-major, channels last. At most 8 dimensions. */
  shape: readonly number[];
  dtype: GraphDtype;
  quantization: Quantization | undefined;
}

/** Weights that lie one after the other in the bytes of `paths`, joined. */
export interface WeightGroup {
  /** File names beside model.json. */
  paths: readonly string[];
  weights: readonly WeightSpec[];
}

export interface GraphNode {
  name: string;
  op: string;
  /** Names of nodes, without output numbers. */
  inputs: readonly string[];
}

export interface GraphTopology {
  nodes: ReadonlyMap<string, GraphNode>;
  groups: readonly WeightGroup[];
}

/** Far above every network here (the largest topology has 259 nodes), so that a file cannot ask for work without end. */
const MAX_JSON_BYTES = 16 * 2 ** 20;
const MAX_ENTRIES = 10_000;
const MAX_RANK = 8;
/** Values of one tensor; as many bytes as the addon would accept are far fewer than the sum's limit. */
const MAX_VALUES = 2 ** 28;

const GRAPH_DTYPES: Readonly<Record<string, GraphDtype>> = { DT_FLOAT: 'float32', DT_INT32: 'int32', DT_BOOL: 'bool' };

type JsonObject = Readonly<Record<string, unknown>>;

export const refuseGraph = (reason: string, options?: ErrorOptions): DeepcodeError =>
  new DeepcodeError('ERR_WEIGHTS_FORMAT', `The graph model is refused: ${reason}.`, options);

/** A name as it may stand in a message. */
export const shownName = (name: string): string => JSON.stringify(name.slice(0, 60));

const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function field(value: unknown, name: string): unknown {
  return isObject(value) && Object.hasOwn(value, name) ? value[name] : undefined;
}

function listOf(value: unknown, what: string): readonly unknown[] {
  if (!Array.isArray(value) || value.length > MAX_ENTRIES) throw refuseGraph(`expected a list of at most ${MAX_ENTRIES} ${what}`);
  return value;
}

function nameOf(value: unknown, what: string): string {
  if (typeof value !== 'string' || value === '' || value.length > 512) throw refuseGraph(`expected a name for ${what}`);
  return value;
}

/** A shard lies beside its model.json: no folders, no addresses. */
function shardName(value: unknown): string {
  const name = nameOf(value, 'a weight file');
  if (!/^[\w.-]+$/.test(name) || name.startsWith('.')) throw refuseGraph('a weight file must be a plain file name');
  return name;
}

function shapeOf(value: unknown, name: string): readonly number[] {
  const fits = (size: unknown): boolean => Number.isSafeInteger(size) && (size as number) >= 0;
  if (!Array.isArray(value) || value.length > MAX_RANK || !value.every(fits)) {
    throw refuseGraph(`expected at most ${MAX_RANK} whole numbers as the shape of ${shownName(name)}`);
  }
  const shape = value as number[];
  const count = shape.reduce((product, size) => product * size, 1);
  if (count > MAX_VALUES) throw refuseGraph(`${shownName(name)} would have ${count} values`);
  return shape;
}

function quantizationOf(value: unknown, dtype: GraphDtype, name: string): Quantization | undefined {
  if (value === undefined) return undefined;
  const [stored, scale, min] = ['dtype', 'scale', 'min'].map((key) => field(value, key));
  if (stored === 'float16' && dtype === 'float32') return { dtype: stored };
  if ((stored !== 'uint8' && stored !== 'uint16') || dtype === 'bool') {
    throw refuseGraph(`${shownName(name)} is quantised in a way that is not known`);
  }
  if (!Number.isFinite(scale) || !Number.isFinite(min)) throw refuseGraph(`expected scale and min for ${shownName(name)}`);
  return { dtype: stored, scale: scale as number, min: min as number };
}

function weightSpec(value: unknown): WeightSpec {
  const name = nameOf(field(value, 'name'), 'a weight');
  const dtype = Object.values(GRAPH_DTYPES).find((known) => known === field(value, 'dtype'));
  if (dtype === undefined) throw refuseGraph(`${shownName(name)} is neither float32 nor int32 nor bool`);
  const quantization = quantizationOf(field(value, 'quantization'), dtype, name);
  return { name, shape: shapeOf(field(value, 'shape'), name), dtype, quantization };
}

function weightGroup(value: unknown): WeightGroup {
  const paths = listOf(field(value, 'paths'), 'weight files').map(shardName);
  const weights = listOf(field(value, 'weights'), 'weights').map(weightSpec);
  return { paths, weights };
}

function graphNode(value: unknown): GraphNode & { attributes: unknown } {
  const name = nameOf(field(value, 'name'), 'a node');
  const op = nameOf(field(value, 'op'), 'an op');
  const inputs = listOf(field(value, 'input') ?? [], 'inputs').map((input) =>
    // "^name" only orders, "name:1" is a second output.
    nameOf(input, 'an input').replace(/^\^|:\d+$/g, ''),
  );
  return { name, op, inputs, attributes: field(value, 'attr') };
}

/** The declaration of a constant in the graph, as `dtype[sizes]`. */
function declaredType(attributes: unknown): string {
  const tensor = field(field(field(attributes, 'value'), 'tensor'), 'tensorShape');
  const dim = field(tensor, 'dim') ?? [];
  const sizes = Array.isArray(dim) ? dim.map((entry) => Number(field(entry, 'size'))) : [NaN];
  const dtype = GRAPH_DTYPES[String(field(field(attributes, 'dtype'), 'type'))];
  return `${dtype}[${sizes.join(', ')}]`;
}

function uniqueByName<T extends { name: string }>(entries: readonly T[], what: string): Map<string, T> {
  const found = new Map<string, T>();
  for (const entry of entries) {
    if (found.has(entry.name)) throw refuseGraph(`${what} ${shownName(entry.name)} is there twice`);
    found.set(entry.name, entry);
  }
  return found;
}

/** Every constant has weights of its own dtype and shape, and there are no others. */
function checkConstants(nodes: ReadonlyMap<string, ReturnType<typeof graphNode>>, groups: readonly WeightGroup[]): void {
  const weights = uniqueByName(groups.flatMap((group) => group.weights), 'weight');
  for (const { name, op, attributes } of nodes.values()) {
    const spec = weights.get(name);
    if ((op === 'Const') !== (spec !== undefined)) {
      throw refuseGraph(spec ? `weight ${shownName(name)} belongs to no constant` : `constant ${shownName(name)} has no weights`);
    }
    if (spec === undefined) continue;
    const [declared, listed] = [declaredType(attributes), `${spec.dtype}[${spec.shape.join(', ')}]`];
    if (declared !== listed) throw refuseGraph(`${shownName(name)} is ${declared} in the graph and ${listed} in the manifest`);
  }
  const stray = [...weights.keys()].find((name) => !nodes.has(name));
  if (stray !== undefined) throw refuseGraph(`weight ${shownName(stray)} belongs to no node`);
}

function checkInputs(nodes: ReadonlyMap<string, GraphNode>): void {
  for (const { name, inputs } of nodes.values()) {
    const missing = inputs.find((input) => !nodes.has(input));
    if (missing !== undefined) throw refuseGraph(`node ${shownName(name)} reads ${shownName(missing)}, which is not there`);
  }
}

function parseJson(bytes: Uint8Array): unknown {
  if (bytes.length > MAX_JSON_BYTES) throw refuseGraph(`model.json has over ${MAX_JSON_BYTES} bytes`);
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (error) {
    throw refuseGraph('model.json is not valid JSON', { cause: error });
  }
}

/**
 * Reads and checks a model.json: names once, inputs that exist, constants that agree with the manifest in name, dtype
 * and shape, weight files without folders.
 *
 * @throws DeepcodeError ERR_WEIGHTS_FORMAT
 */
export function parseGraphTopology(json: Uint8Array): GraphTopology {
  const model = parseJson(json);
  if (field(model, 'format') !== 'graph-model') throw refuseGraph('expected "format": "graph-model"');
  const nodes = uniqueByName(listOf(field(field(model, 'modelTopology'), 'node'), 'nodes').map(graphNode), 'node');
  const groups = listOf(field(model, 'weightsManifest'), 'groups of weights').map(weightGroup);
  checkInputs(nodes);
  checkConstants(nodes, groups);
  const plain = [...nodes].map(([name, { op, inputs }]): [string, GraphNode] => [name, { name, op, inputs }]);
  return { nodes: new Map(plain), groups };
}
