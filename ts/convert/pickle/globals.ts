/**
 * The only names that a pickle may use. None of them runs code of Python or of the file: each is replaced by a
 * function of this package that puts plain data together.
 */
import type { TensorDtype } from '../../weights/tensor-data.js';
import { bytesOf } from '../source-tensor.js';
import {
  DtypeName,
  PickleDict,
  PickleFunction,
  PickleList,
  PickleRefusal,
  PickleTuple,
  StorageClass,
  StorageRef,
  TensorView,
  type PickleValue,
} from './values.js';

const STORAGES: Readonly<Record<string, TensorDtype>> = {
  DoubleStorage: 'F64', FloatStorage: 'F32', HalfStorage: 'F16', BFloat16Storage: 'BF16', LongStorage: 'I64',
  IntStorage: 'I32', ShortStorage: 'I16', CharStorage: 'I8', ByteStorage: 'U8', BoolStorage: 'BOOL',
  ComplexFloatStorage: 'C64',
}; // prettier-ignore

const DTYPES: Readonly<Record<string, TensorDtype>> = {
  float64: 'F64', float32: 'F32', float16: 'F16', bfloat16: 'BF16', int64: 'I64', int32: 'I32', int16: 'I16', int8: 'I8',
  uint64: 'U64', uint32: 'U32', uint16: 'U16', uint8: 'U8', bool: 'BOOL', complex64: 'C64', float8_e4m3fn: 'F8_E4M3',
  float8_e5m2: 'F8_E5M2', float8_e8m0fnu: 'F8_E8M0', float8_e4m3fnuz: 'F8_E4M3FNUZ', float8_e5m2fnuz: 'F8_E5M2FNUZ',
}; // prettier-ignore

const damagedTensor = (): PickleRefusal => new PickleRefusal('has a damaged tensor');

function asCount(value: PickleValue | undefined): number {
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return value;
  throw damagedTensor();
}

function asCounts(value: PickleValue | undefined): number[] {
  if (!(value instanceof PickleTuple)) throw damagedTensor();
  return value.items.map(asCount);
}

/** Every element must lie inside the storage. Products that overflow are refused with it. */
function checkBounds({ storage, dtype, offset, shape, strides }: TensorView): void {
  if (shape.length !== strides.length) throw damagedTensor();
  const count = shape.reduce((product, size) => product * size, 1);
  if (!Number.isSafeInteger(count)) throw damagedTensor();
  const last = shape.reduce((sum, size, i) => sum + (size - 1) * strides[i]!, offset);
  const scale = storage.dtype === null ? bytesOf(dtype) : 1;
  const end = (storage.offset + storage.size) / scale;
  const inside = count === 0 ? offset <= end : Number.isSafeInteger(last) && last + 1 <= end;
  if (!inside) throw new PickleRefusal('has a tensor that reaches outside its storage');
}

function makeTensor(storage: PickleValue | undefined, dtype: TensorDtype | null, [offset, shape, strides]: readonly (PickleValue | undefined)[]): TensorView {
  if (!(storage instanceof StorageRef)) throw damagedTensor();
  const own = dtype ?? storage.dtype;
  if (own === null || (storage.dtype !== null && storage.dtype !== own)) throw damagedTensor();
  const tensor = new TensorView(storage, own, storage.offset + asCount(offset), asCounts(shape), asCounts(strides));
  checkBounds(tensor);
  return tensor;
}

/** A conjugated or negated view has other values than its storage. */
function checkMetadata(metadata: PickleValue | undefined): void {
  if (metadata === undefined || metadata === null) return;
  const plain = metadata instanceof PickleDict && [...metadata.entries.values()].every((value) => value === false);
  if (!plain) throw new PickleRefusal('has a tensor of a kind that safetensors cannot hold');
}

/** torch._utils._rebuild_tensor_v2(storage, offset, size, stride, requires_grad, hooks, metadata=None) */
function rebuildTensorV2(args: readonly PickleValue[]): TensorView {
  if (args.length < 4 || args.length > 7) throw damagedTensor();
  checkMetadata(args[6]);
  return makeTensor(args[0], null, args.slice(1));
}

/** torch._utils._rebuild_tensor_v3(storage, offset, size, stride, requires_grad, hooks, dtype, metadata=None) */
function rebuildTensorV3(args: readonly PickleValue[]): TensorView {
  const dtype = args[6];
  if (args.length > 8 || !(dtype instanceof DtypeName)) throw damagedTensor();
  checkMetadata(args[7]);
  return makeTensor(args[0], dtype.dtype, args.slice(1));
}

/** torch._utils._rebuild_parameter(data, requires_grad, hooks) */
function rebuildParameter(args: readonly PickleValue[]): TensorView {
  if (args[0] instanceof TensorView && args.length === 3) return args[0];
  throw damagedTensor();
}

/** torch.Size(tuple) */
function size(args: readonly PickleValue[]): PickleTuple {
  const [sizes] = args;
  if (args.length === 1 && sizes instanceof PickleTuple) return sizes;
  if (args.length === 1 && sizes instanceof PickleList) return new PickleTuple([...sizes.items]);
  throw damagedTensor();
}

/** As Python's d[key] = value. */
export function setItem(dict: PickleDict, key: PickleValue, value: PickleValue): void {
  if (typeof key !== 'string' && typeof key !== 'number' && typeof key !== 'bigint') {
    throw new PickleRefusal('has a dictionary whose keys are not names');
  }
  dict.entries.set(key, value);
}

/** collections.OrderedDict() or, from Python 2, collections.OrderedDict([[key, value], ...]) */
function orderedDict(args: readonly PickleValue[]): PickleDict {
  const dict = new PickleDict();
  const [pairs] = args;
  if (args.length > 1 || (pairs !== undefined && !(pairs instanceof PickleList))) throw new PickleRefusal('has a damaged dictionary');
  for (const pair of pairs?.items ?? []) {
    if (!(pair instanceof PickleList || pair instanceof PickleTuple) || pair.items.length !== 2) {
      throw new PickleRefusal('has a damaged dictionary');
    }
    setItem(dict, pair.items[0]!, pair.items[1]!);
  }
  return dict;
}

const FUNCTIONS: Readonly<Record<string, (args: readonly PickleValue[]) => PickleValue>> = {
  'collections.OrderedDict': orderedDict,
  'torch.Size': size,
  'torch._utils._rebuild_tensor': rebuildTensorV2,
  'torch._utils._rebuild_tensor_v2': rebuildTensorV2,
  'torch._utils._rebuild_tensor_v3': rebuildTensorV3,
  'torch._utils._rebuild_parameter': rebuildParameter,
};

const GLOBALS: ReadonlyMap<string, PickleValue> = new Map<string, PickleValue>([
  ...Object.entries(FUNCTIONS).map(([name, call]) => [name, new PickleFunction(name, call)] as const),
  ...Object.entries(STORAGES).map(([name, dtype]) => [`torch.${name}`, new StorageClass(dtype)] as const),
  ...['torch.UntypedStorage', 'torch.storage.UntypedStorage', 'torch.storage._UntypedStorage'].map(
    (name) => [name, new StorageClass(null)] as const,
  ),
  ...Object.entries(DTYPES).map(([name, dtype]) => [`torch.${name}`, new DtypeName(dtype)] as const),
]);

/** Throws PickleRefusal for a name that is not on the list. */
export function findGlobal(module: string, name: string): PickleValue {
  const value = GLOBALS.get(`${module}.${name}`);
  if (value !== undefined) return value;
  const text = `${module}.${name}`.replace(/[^\w.]/g, '?').slice(0, 80);
  throw new PickleRefusal(`uses ${text}, which no state dict needs; nothing of it was run. If you trust the file, save its state dict alone with torch.save`);
}

/** Numbers, in all that torch.save has written. */
const KEY = /^\w{1,64}$/;

/** ('storage', class, key, location, count[, (view key, offset, size)]) as torch.save names a storage. */
export function findStorage(id: PickleValue): StorageRef {
  const items = id instanceof PickleTuple ? id.items : [];
  const [kind, storage, key, location, count, view] = items;
  const isStorage = kind === 'storage' && storage instanceof StorageClass && typeof key === 'string' && KEY.test(key) && typeof location === 'string';
  if (!isStorage || items.length < 5 || items.length > 6) throw new PickleRefusal('has a damaged storage');
  const { dtype } = storage;
  if (view === undefined || view === null) return new StorageRef(key, dtype, asCount(count));
  if (dtype === null || !(view instanceof PickleTuple) || view.items.length !== 3) throw new PickleRefusal('has a damaged storage');
  const [offset, length] = [asCount(view.items[1]), asCount(view.items[2])];
  if (offset + length > asCount(count)) throw new PickleRefusal('has a tensor that reaches outside its storage');
  return new StorageRef(key, dtype, asCount(count), offset, length);
}
