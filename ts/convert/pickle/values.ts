/** What a checkpoint's pickle may hold: plain data, and tensors as views of storages that are elsewhere in the file. */
import type { TensorDtype } from '../../weights/tensor-data.js';

export class PickleList {
  constructor(readonly items: PickleValue[] = []) {}
}

export class PickleTuple {
  constructor(readonly items: readonly PickleValue[]) {}
}

/** Python's dict or OrderedDict. Keys of other kinds than names and whole numbers are refused. */
export class PickleDict {
  readonly entries = new Map<string | number | bigint, PickleValue>();
}

/** A class of storages, for example torch.FloatStorage. */
export class StorageClass {
  /** `dtype` is null for a storage of bytes, whose tensors say their dtype themselves. */
  constructor(readonly dtype: TensorDtype | null) {}
}

/** torch.float32 and its like. */
export class DtypeName {
  constructor(readonly dtype: TensorDtype) {}
}

/** A storage that the pickle names; its bytes are a member of the zip or stand behind the pickle. */
export class StorageRef {
  constructor(
    readonly key: string,
    readonly dtype: TensorDtype | null,
    /** Elements; bytes where dtype is null. */
    readonly count: number,
    /** Where this view begins in the storage, in elements. */
    readonly offset = 0,
    /** Elements of the view. */
    readonly size = count,
  ) {}
}

export class TensorView {
  constructor(
    readonly storage: StorageRef,
    readonly dtype: TensorDtype,
    /** In elements of the dtype, from the beginning of the storage. */
    readonly offset: number,
    readonly shape: readonly number[],
    readonly strides: readonly number[],
  ) {}
}

/** A function of the allow-list, before it is called. */
export class PickleFunction {
  constructor(
    readonly name: string,
    readonly call: (args: readonly PickleValue[]) => PickleValue,
  ) {}
}

export type PickleValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | PickleList
  | PickleTuple
  | PickleDict
  | StorageClass
  | DtypeName
  | StorageRef
  | TensorView
  | PickleFunction;

/** Something in a pickle that no checkpoint needs; the message continues "it ". */
export class PickleRefusal extends Error {}
