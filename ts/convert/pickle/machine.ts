/**
 * A pickle machine for state dicts. A pickle is a program for a stack machine that may call anything Python can
 * import; this one knows the opcodes that torch.save writes, calls nothing but the functions of ./globals.ts, and
 * counts what it makes, so that no pickle costs more than {@link MEMORY_LIMIT}.
 */
import type { ByteReader } from './byte-reader.js';
import { findGlobal, findStorage, setItem } from './globals.js';
import { OP, opcodeName } from './opcodes.js';
import { PickleDict, PickleFunction, PickleList, PickleRefusal, PickleTuple, type PickleValue, type StorageRef } from './values.js';

/** Bytes, by generous estimates: enough for some 20,000 tensors. */
export const MEMORY_LIMIT = 1 << 25;

/** Estimated bytes. */
const COST = { step: 16, dict: 200, list: 80, tuple: 48, item: 8, entry: 48, call: 160 } as const;

const MAX_STRING = 1 << 20;
const MAX_GLOBAL = 256;

/** What torch.save has written unless it was told otherwise. */
const HIGHEST_PROTOCOL = 3;

function littleEndianInteger(bytes: Buffer): bigint {
  let value = 0n;
  for (let i = bytes.length - 1; i >= 0; i--) value = (value << 8n) | BigInt(bytes[i]!);
  return BigInt.asIntN(8 * bytes.length, value);
}

const asSmallest = (value: bigint): number | bigint => {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
};

class Machine {
  readonly #stack: PickleValue[] = [];
  readonly #marks: number[] = [];
  readonly #memo: PickleValue[] = [];
  #spent = 0;

  constructor(
    readonly input: ByteReader,
    readonly onStorage: (storage: StorageRef) => void,
  ) {}

  /** Runs to STOP and returns what is left on the stack. */
  run(): PickleValue {
    if (this.input.byte() !== OP.proto) throw new PickleRefusal('does not begin as a pickle of torch.save does');
    this.#checkProtocol();
    for (let code = this.input.byte(); code !== OP.stop; code = this.input.byte()) {
      this.#spend(COST.step);
      if (!(this.#scalar(code) || this.#container(code) || this.#memory(code) || this.#call(code))) {
        throw new PickleRefusal(`uses the opcode ${opcodeName(code)}, which no state dict needs`);
      }
    }
    const value = this.#pop();
    if (this.#stack.length > 0 || this.#marks.length > 0) throw new PickleRefusal('ends before its data is complete');
    return value;
  }

  #spend(bytes: number): void {
    this.#spent += bytes;
    if (this.#spent > MEMORY_LIMIT) throw new PickleRefusal('holds more objects than a state dict has');
  }

  #checkProtocol(): void {
    const protocol = this.input.byte();
    if (protocol >= 2 && protocol <= HIGHEST_PROTOCOL) return;
    throw new PickleRefusal(`is of protocol ${protocol}; save it with torch.save and its default protocol`);
  }

  #push(value: PickleValue): true {
    this.#stack.push(value);
    return true;
  }

  #floor(): number {
    return this.#marks.at(-1) ?? 0;
  }

  #pop(): PickleValue {
    if (this.#stack.length <= this.#floor()) throw new PickleRefusal('takes more from its stack than there is');
    return this.#stack.pop()!;
  }

  #top(): PickleValue {
    if (this.#stack.length <= this.#floor()) throw new PickleRefusal('takes more from its stack than there is');
    return this.#stack.at(-1)!;
  }

  #popToMark(): PickleValue[] {
    const mark = this.#marks.pop();
    if (mark === undefined) throw new PickleRefusal('takes more from its stack than there is');
    return this.#stack.splice(mark);
  }

  #text(length: number): string {
    if (length > MAX_STRING) throw new PickleRefusal('has a text that is too long');
    this.#spend(COST.tuple + length);
    return this.input.bytes(length).toString('utf8');
  }

  #scalar(code: number): boolean {
    const { input } = this;
    switch (code) {
      case OP.none: return this.#push(null);
      case OP.newTrue: return this.#push(true);
      case OP.newFalse: return this.#push(false);
      case OP.binInt: return this.#push(input.bytes(4).readInt32LE());
      case OP.binInt1: return this.#push(input.byte());
      case OP.binInt2: return this.#push(input.bytes(2).readUInt16LE());
      case OP.binFloat: return this.#push(input.bytes(8).readDoubleBE());
      case OP.long1: return this.#push(asSmallest(littleEndianInteger(input.bytes(input.byte()))));
      case OP.binUnicode: return this.#push(this.#text(input.bytes(4).readUInt32LE()));
      case OP.binString: return this.#push(this.#text(input.bytes(4).readUInt32LE()));
      case OP.shortBinString: return this.#push(this.#text(input.byte()));
      default: return false;
    }
  } // prettier-ignore

  #container(code: number): boolean {
    switch (code) {
      case OP.mark: return this.#marks.push(this.#stack.length) > 0;
      case OP.emptyTuple: return this.#tuple([]);
      case OP.tuple: return this.#tuple(this.#popToMark());
      case OP.tuple1: return this.#tuple([this.#pop()]);
      case OP.tuple2: return this.#tuple([this.#pop(), this.#pop()].reverse());
      case OP.tuple3: return this.#tuple([this.#pop(), this.#pop(), this.#pop()].reverse());
      case OP.emptyList: return this.#spend(COST.list), this.#push(new PickleList());
      case OP.emptyDict: return this.#spend(COST.dict), this.#push(new PickleDict());
      case OP.append: return this.#append([this.#pop()]);
      case OP.appends: return this.#append(this.#popToMark());
      case OP.setItem: return this.#setItems([this.#pop(), this.#pop()].reverse());
      case OP.setItems: return this.#setItems(this.#popToMark());
      default: return false;
    }
  } // prettier-ignore

  #tuple(items: PickleValue[]): true {
    this.#spend(COST.tuple + COST.item * items.length);
    return this.#push(new PickleTuple(items));
  }

  #append(items: readonly PickleValue[]): true {
    const list = this.#top();
    if (!(list instanceof PickleList)) throw new PickleRefusal('appends to what is no list');
    this.#spend(COST.item * items.length);
    for (const item of items) list.items.push(item);
    return true;
  }

  #setItems(items: readonly PickleValue[]): true {
    const dict = this.#top();
    if (!(dict instanceof PickleDict) || items.length % 2 !== 0) throw new PickleRefusal('sets items of what is no dictionary');
    this.#spend(COST.entry * items.length);
    for (let i = 0; i < items.length; i += 2) setItem(dict, items[i]!, items[i + 1]!);
    return true;
  }

  #memory(code: number): boolean {
    switch (code) {
      case OP.binPut: return this.#remember(this.input.byte());
      case OP.longBinPut: return this.#remember(this.input.bytes(4).readUInt32LE());
      case OP.binGet: return this.#recall(this.input.byte());
      case OP.longBinGet: return this.#recall(this.input.bytes(4).readUInt32LE());
      default: return false;
    }
  } // prettier-ignore

  /** Python's pickler numbers its memo without gaps; a gap is a way to make a reader allocate. */
  #remember(index: number): true {
    if (index > this.#memo.length) throw new PickleRefusal('numbers its memory with gaps');
    this.#memo[index] = this.#top();
    return true;
  }

  #recall(index: number): true {
    if (index >= this.#memo.length) throw new PickleRefusal('refers to what it has not made');
    return this.#push(this.#memo[index]!);
  }

  #call(code: number): boolean {
    switch (code) {
      case OP.global: return this.#push(findGlobal(this.input.line(MAX_GLOBAL), this.input.line(MAX_GLOBAL)));
      case OP.binPersId: return this.#storage();
      case OP.reduce: return this.#reduce();
      case OP.build: return this.#build();
      default: return false;
    }
  } // prettier-ignore

  #storage(): true {
    this.#spend(COST.call);
    const storage = findStorage(this.#pop());
    this.onStorage(storage);
    return this.#push(storage);
  }

  #reduce(): true {
    const args = this.#pop();
    const callable = this.#pop();
    if (!(callable instanceof PickleFunction) || !(args instanceof PickleTuple)) throw new PickleRefusal('calls what is no function');
    this.#spend(COST.call + COST.dict);
    return this.#push(callable.call(args.items));
  }

  /** A state dict carries its modules' versions as attributes; they are dropped. */
  #build(): true {
    const state = this.#pop();
    const built = this.#top() instanceof PickleDict && state instanceof PickleDict;
    if (!built) throw new PickleRefusal('sets attributes of what has none');
    return true;
  }
}

/**
 * Reads one pickle, up to and with its STOP; `onStorage` is told of every storage that it names.
 *
 * @throws PickleRefusal for whatever a state dict does not need; nothing is ever executed
 */
export function readPickle(input: ByteReader, onStorage: (storage: StorageRef) => void = () => {}): PickleValue {
  return new Machine(input, onStorage).run();
}
