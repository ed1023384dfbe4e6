/** Which layers of VGG-19 are compared, and how much each counts. */
import { invalidArgument } from '../../errors.js';

const CONVOLUTIONS = [2, 2, 4, 4, 4] as const;

/** In the network's order. */
const VGG19_LAYERS: readonly string[] = CONVOLUTIONS.flatMap((count, block) =>
  Array.from({ length: count }, (_, i) => `conv${block + 1}_${i + 1}`),
);

export interface WeightedLayer {
  /** 'conv1_1' to 'conv5_4'. */
  readonly name: string;
  /** What its distance is multiplied by in the sum; at least 0. */
  readonly weight: number;
}

const EXPECTED = 'layers from conv1_1 to conv5_4, each once, with commas between them and, if wanted, :WEIGHT after them';

function parseLayer(item: string): WeightedLayer | undefined {
  const [name = '', weight = '1', ...more] = item.trim().split(':');
  const fits = VGG19_LAYERS.includes(name) && /^\d*\.?\d+(e-?\d+)?$/i.test(weight) && more.length === 0;
  return fits ? { name, weight: Number(weight) } : undefined;
}

/**
 * Reads 'conv1_1,conv5_1:0.2'.
 *
 * @returns in the network's order
 * @throws TypeError for a name that is no layer, a layer that is there twice, a weight that is no number of at least 0
 */
export function parseLayers(text: string): readonly WeightedLayer[] {
  const layers = text.split(',').map((item) => {
    const layer = parseLayer(item);
    if (layer === undefined) throw invalidArgument('layers', EXPECTED, text);
    return layer;
  });
  if (new Set(layers.map(({ name }) => name)).size !== layers.length) throw invalidArgument('layers', EXPECTED, text);
  return layers.sort((a, b) => VGG19_LAYERS.indexOf(a.name) - VGG19_LAYERS.indexOf(b.name));
}
