/** A loaded batch as the network takes it: the pairs of which both images could be read, real ones first. */
import type { LoadedBatch } from '../../detect/train/batch-source.js';
import type { NativePairBatch } from '../../native/fair-trainer.js';

/** Places in the batch of the complete pairs: of the real ones, then in the same order of the fake ones. */
function pairedPlaces({ items }: Pick<LoadedBatch, 'items'>): number[] {
  const places = new Map<number, [real?: number, fake?: number]>();
  items.forEach(({ pair, label }, place) => {
    const found = places.get(pair!) ?? [];
    found[label] = place;
    places.set(pair!, found);
  });
  const complete = [...places.values()].filter(([real, fake]) => real !== undefined && fake !== undefined);
  return [...complete.map(([real]) => real!), ...complete.map(([, fake]) => fake!)];
}

export interface PairedBatch extends NativePairBatch {
  /** 2P labels, 0 for the first half. */
  labels: Uint8Array;
}

/** Undefined where no pair is complete. @param batch whose items have pair, group and method */
export function pairedBatch(batch: LoadedBatch): PairedBatch | undefined {
  const places = pairedPlaces(batch);
  if (places.length === 0) return undefined;
  const size = batch.images.length / batch.count;
  const images = new Uint8Array(places.length * size);
  places.forEach((place, i) => images.set(batch.images.subarray(place * size, (place + 1) * size), i * size));
  const items = places.map((place) => batch.items[place]!);
  return {
    images,
    labels: Uint8Array.from(items, ({ label }) => label),
    groups: Uint8Array.from(items, ({ group }) => group!),
    methods: Uint8Array.from(items, ({ method }) => method!),
  };
}
