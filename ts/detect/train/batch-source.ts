/** Batches of decoded, resized images in a given order, read ahead of the network. */

export interface BatchItem {
  path: string;
  name: string;
  label: 0 | 1;
  /** Seed of the image's augmentation; null: none. */
  augmentSeed: number | null;
  /** Seed of the pseudo-fake that is shown instead of the image; null or absent: none. */
  pseudoFakeSeed?: number | null | undefined;
  /** Number of the group of people that is shown, 0 to 255; absent: groups do not matter. */
  group?: number | undefined;
  /** 0 real, from 1 on the way in which a fake was made; absent: methods do not matter. */
  method?: number | undefined;
  /** The same for a real image and the fake that it is shown with; absent: images are shown alone. */
  pair?: number | undefined;
}

export interface LoadedBatch {
  /** count x height x width x 3 bytes; only images that could be read. */
  images: Uint8Array;
  /** count labels. */
  labels: Uint8Array;
  count: number;
  /** The items behind `images`, one each. */
  items: readonly BatchItem[];
  /** Items that could not be read. */
  failures: readonly { item: BatchItem; reason: string }[];
}

/** Gives one LoadedBatch a batch, in order. Leaving the loop early stops reading. */
export type BatchSource = (
  batches: readonly (readonly BatchItem[])[],
  signal?: AbortSignal,
) => AsyncIterable<LoadedBatch>;
