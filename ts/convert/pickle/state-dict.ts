/** The tensors of a checkpoint by flat names, found below the wrappers that training scripts put around a state dict. */
import { PickleDict, PickleList, PickleRefusal, PickleTuple, TensorView, type PickleValue } from './values.js';

/** Keys under which training scripts keep the model beside its optimiser; the first that is there wins. */
const WRAPPERS = ['state_dict', 'model_state_dict', 'model', 'net', 'params', 'module'];

/** A pickle can hold one list a thousand times, nested; no checkpoint needs more steps or longer names than these. */
const MAX_VISITS = 1 << 18;
const MAX_DEPTH = 32;
const MAX_NAME_CHARACTERS = 1 << 24;

/** The name of a tensor that is all of a file. */
const ONLY_NAME = 'tensor';

type Entry = readonly [name: string, value: PickleValue];

function entriesOf(value: PickleValue): Entry[] {
  if (value instanceof PickleDict) return [...value.entries].map(([key, item]) => [String(key), item] as const);
  if (value instanceof PickleList || value instanceof PickleTuple) return value.items.map((item, i) => [String(i), item] as const);
  return [];
}

class Collector {
  readonly tensors = new Map<string, TensorView>();
  #visits = 0;
  #characters = 0;

  /** Adds what is below `value`; returns whether that is anything. */
  collect(name: string, value: PickleValue): boolean {
    const before = this.tensors.size;
    this.#walk(value, name, 0, (path, tensor) => this.#add(path, tensor));
    return this.tensors.size > before;
  }

  holdsTensors(value: PickleValue): boolean {
    let found = false;
    this.#walk(value, '', 0, () => (found = true));
    return found;
  }

  #walk(value: PickleValue, name: string, depth: number, visit: (name: string, tensor: TensorView) => void): void {
    if (++this.#visits > MAX_VISITS || depth > MAX_DEPTH) throw new PickleRefusal('holds data that is nested too deep');
    if (value instanceof TensorView) visit(name, value);
    for (const [key, item] of entriesOf(value)) this.#walk(item, name === '' ? key : `${name}.${key}`, depth + 1, visit);
  }

  #add(name: string, tensor: TensorView): void {
    if (this.tensors.has(name)) throw new PickleRefusal('has two tensors of one name');
    this.#characters += name.length;
    if (this.#characters > MAX_NAME_CHARACTERS) throw new PickleRefusal('has names that are too long');
    this.tensors.set(name, tensor);
  }
}

export interface StateDict {
  readonly tensors: ReadonlyMap<string, TensorView>;
  /** Entries beside the model or without tensors, by name. */
  readonly skipped: readonly string[];
}

/** The key of the state dict in `value`: a wrapper has no tensors of its own. */
function wrapperKey(value: PickleValue, collector: Collector): string | undefined {
  if (!(value instanceof PickleDict) || [...value.entries.values()].some((item) => item instanceof TensorView)) return undefined;
  return WRAPPERS.find((key) => {
    const inner = value.entries.get(key);
    return inner instanceof PickleDict && collector.holdsTensors(inner);
  });
}

/**
 * Flattens nested dictionaries and lists with dots. A wrapper such as `state_dict` is taken off, and what stands
 * beside it (an optimiser, an epoch) is skipped; so is what holds no tensor.
 *
 * @throws PickleRefusal where data refers to itself or is nested without end
 */
export function findStateDict(root: PickleValue): StateDict {
  const collector = new Collector();
  const skipped: string[] = [];
  let value = root;
  for (let key = wrapperKey(value, collector); key !== undefined; key = wrapperKey(value, collector)) {
    const { entries } = value as PickleDict;
    skipped.push(...[...entries.keys()].map(String).filter((name) => name !== key));
    value = entries.get(key)!;
  }
  if (value instanceof TensorView) collector.collect(ONLY_NAME, value);
  for (const [name, item] of entriesOf(value)) if (!collector.collect(name, item)) skipped.push(name);
  return { tensors: collector.tensors, skipped };
}
