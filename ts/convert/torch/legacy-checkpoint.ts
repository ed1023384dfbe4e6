/**
 * What torch.save wrote before PyTorch 1.6: five pickles one after the other (magic number, protocol, system, state
 * dict, keys of the storages), then each storage as its number of elements and its bytes.
 */
import { shown, type InputFile } from '../input-file.js';
import { ByteReader } from '../pickle/byte-reader.js';
import { PickleDict, PickleList, StorageRef, type PickleValue } from '../pickle/values.js';
import { bytesOf, type SourceCheckpoint } from '../source-tensor.js';
import { openPickled, readPickleOf } from './checkpoint.js';

const MAGIC = 0x1950a86a20f9469cfc6cn;
const PROTOCOL = 1001;

/** The fields that say how numbers were written. */
function isLittleEndian(system: PickleValue): boolean {
  return system instanceof PickleDict && system.entries.get('little_endian') === true;
}

function keysOf(file: InputFile, value: PickleValue): string[] {
  const keys = value instanceof PickleList ? value.items : [undefined];
  if (keys.every((key) => typeof key === 'string') && new Set(keys).size === keys.length) return keys as string[];
  throw file.refuse('its list of storages is damaged');
}

/** Storages as they follow each other; those that only skipped entries use are there as well. */
class Layout {
  readonly #starts = new Map<string, { at: number; count: number }>();

  constructor(
    readonly file: InputFile,
    /** Bytes of an element, by key. */
    readonly widths: ReadonlyMap<string, number>,
  ) {}

  /** Returns where the last storage ends. */
  read(keys: readonly string[], start: number): number {
    let at = start;
    for (const key of keys) {
      const width = this.widths.get(key);
      const count = this.file.readSync(at, 8).readBigUInt64LE();
      if (width === undefined || count > BigInt(this.file.size)) throw this.#wrong(key);
      this.#starts.set(key, { at: at + 8, count: Number(count) });
      at += 8 + Number(count) * width;
      if (at > this.file.size) throw this.file.refuse('it is cut off');
    }
    return at;
  }

  #wrong(key: string): Error {
    return this.file.refuse(`its storage ${shown(key)} is not of the size that its pickle says`);
  }

  check({ key, count }: StorageRef): void {
    if (this.#starts.get(key)?.count !== count) throw this.#wrong(key);
  }

  find({ key }: StorageRef): Promise<number> {
    return Promise.resolve(this.#starts.get(key)!.at);
  }
}

/** @throws DeepcodeError ERR_WEIGHTS_FORMAT */
export async function openLegacyCheckpoint(file: InputFile): Promise<SourceCheckpoint> {
  const input = new ByteReader(file, 0, file.size);
  if (readPickleOf(file, input) !== MAGIC) throw file.refuse('it is a pickle, but not one of torch.save');
  if (readPickleOf(file, input) !== PROTOCOL) throw file.refuse('it is of an unknown version of torch.save');
  if (!isLittleEndian(readPickleOf(file, input))) throw file.refuse('it was written on a big-endian machine');
  const widths = new Map<string, number>();
  const root = readPickleOf(file, input, ({ key, dtype }) => widths.set(key, dtype === null ? 1 : bytesOf(dtype)));
  const keys = keysOf(file, readPickleOf(file, input));
  const layout = new Layout(file, widths);
  if (layout.read(keys, input.position) !== file.size) throw file.refuse('its storages are followed by other data');
  return openPickled(file, root, (storage) => layout.check(storage), (storage) => layout.find(storage));
}
